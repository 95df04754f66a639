/* What guests are made of, without one: frames, the choice of a directory for
 * memory, the world `host`. */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "world/frame.h"
#include "world/memory.h"
#include "world_bench.h"

/* ---- Frames ---------------------------------------------------------------
 */

START_TEST(a_frame_is_parsed_only_when_it_is_whole)
{
    static const char payload[] = "log\0sh\0-c";
    uint8_t bytes[FRAME_HEADER_BYTES + sizeof(payload) + 1];
    struct frame frame;
    size_t whole = FRAME_HEADER_BYTES + sizeof(payload), at = 0;
    frame_header(bytes, FRAME_RUN, 77, sizeof(payload));
    memcpy(bytes + FRAME_HEADER_BYTES, payload, sizeof(payload));
    for (size_t n = 0; n < whole; n++)
        ck_assert_int_eq(frame_parse(&frame, bytes, n), -EAGAIN);
    ck_assert_int_eq(frame_parse(&frame, bytes, whole), (ssize_t)whole);
    ck_assert_int_eq(frame_parse(&frame, bytes, whole + 1), (ssize_t)whole);
    ck_assert_uint_eq(frame.errand, 77);
    ck_assert_str_eq(frame_text(&frame, &at), "log");
    ck_assert_str_eq(frame_text(&frame, &at), "sh");
    ck_assert_str_eq(frame_text(&frame, &at), "-c");
    ck_assert_ptr_null(frame_text(&frame, &at));
}
END_TEST

struct bad {
    const char *name;
    uint32_t payload_bytes, kind;
};

static const struct bad bad_frames[] = {
    {"no kind", 0, 0},
    {"a kind too many", 0, FRAME_ENDED + 1},
    {"too long", FRAME_MAX_PAYLOAD_BYTES + 1, FRAME_VERDICT},
    {"a hello of 5", 5, FRAME_HELLO},
    {"an end without a status", 0, FRAME_ENDED},
    {"text: \"Kern\"", 0x4b65726e, 0x656c2070},
};

START_TEST(what_is_no_frame_is_refused_by_its_first_8_bytes)
{
    uint8_t bytes[FRAME_HEADER_BYTES];
    struct frame frame;
    frame_header(bytes, (enum frame_kind)bad_frames[_i].kind, 1,
                 bad_frames[_i].payload_bytes);
    ck_assert_msg(frame_parse(&frame, bytes, 8) == -EBADMSG, "%s",
                  bad_frames[_i].name);
}
END_TEST

START_TEST(a_text_without_an_end_is_none)
{
    struct frame frame = {.payload = (const uint8_t *)"ab", .payload_bytes = 2};
    size_t at = 0;
    ck_assert_ptr_null(frame_text(&frame, &at));
}
END_TEST

/* ---- Memory ---------------------------------------------------------------
 */

/* In a mount namespace of its own, with another /dev/shm. */
static void change_shm(const char *options, unsigned long flags)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        fprintf(stderr, "SKIP memory_goes_elsewhere: it takes root\n");
        exit(0);
    }
    ck_assert_int_eq(mount("shm", "/dev/shm", "tmpfs", flags, options), 0);
    ck_assert_int_eq(mount("tmp", "/tmp", "tmpfs", 0, "size=900m"), 0);
    ck_assert_int_eq(unsetenv("XDG_RUNTIME_DIR") | unsetenv("TMPDIR"), 0);
}

struct unfit {
    const char *name, *options;
    unsigned long flags;
    const char *said;
};

static const struct unfit unfit[] = {
    {"too small", "size=64m", 0, "/dev/shm has 64 MiB free of 512 needed"},
    {"noexec", "size=2g", MS_NOEXEC, "/dev/shm is mounted noexec"},
};

START_TEST(memory_goes_elsewhere_and_says_so)
{
    char path[256], said[GUEST_ERROR_BYTES];
    change_shm(unfit[_i].options, unfit[_i].flags);
    ck_assert_int_eq(
        memory_dir_choose(512, path, sizeof(path), said, sizeof(said)), 0);
    ck_assert_str_eq(path, "/tmp");
    ck_assert_str_eq(said, unfit[_i].said);
}
END_TEST

START_TEST(memory_that_fits_nowhere_is_told_with_all_reasons)
{
    char path[256], said[GUEST_ERROR_BYTES];
    change_shm("size=64m", 0);
    ck_assert_int_eq(setenv("HOME", "/nonexistent", 1), 0);
    ck_assert_int_eq(unsetenv("XDG_CACHE_HOME"), 0);
    int result =
        memory_dir_choose(1 << 30, path, sizeof(path), said, sizeof(said));
    ck_assert_int_eq(result, -ENOSPC);
    ck_assert_msg(strstr(said, "/dev/shm has") && strstr(said, "/tmp has"),
                  "%s", said);
}
END_TEST

/* A guest really boots with its memory there. */
START_TEST(a_guest_boots_with_its_memory_elsewhere)
{
    char error[GUEST_ERROR_BYTES];
    double boot_ms;
    const struct guest_options options = {.cpu = -1, .modules = MODULES};
    if (!guests_are_had("test_world"))
        return;
    change_shm(unfit[1].options, unfit[1].flags);
    ck_assert_msg(guest_try(&options, &boot_ms, error) == 0, "%s", error);
}
END_TEST

START_TEST(without_a_kernel_the_remedy_is_told)
{
    char error[GUEST_ERROR_BYTES] = "";
    ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
    ck_assert_ptr_null(boot_find_kernel(error));
    ck_assert_msg(strstr(error, "apt-get install user-mode-linux") ||
                      strstr(error, "x86-64, not for"),
                  "%s", error);
}
END_TEST

/* ---- The world `host` -----------------------------------------------------
 */

START_TEST(the_host_runs_errands_too)
{
    struct told told, missing;
    struct world_options options = {.kind = WORLD_HOST};
    struct bench bench = {.dir = ""};
    ck_assert_int_eq(uv_loop_init(&bench.loop), 0);
    bench.world = world_open(&bench.loop, &options);
    bench_start(&bench, &told, "echo word >&3; exit 5");
    bench_start(&bench, &missing, "");
    missing.argv[0] = "/bin/sh";
    bench_await(&bench, &told.over);
    bench_await(&bench, &missing.over);
    ck_assert_int_eq(told.end, ERRAND_EXITED);
    ck_assert_int_eq(WEXITSTATUS(told.errand.wait_status), 5);
    ck_assert_str_eq(strbuf_text(&told.verdict), "word\n");
    told_free(&missing);
    bench_start(&bench, &missing, "");
    missing.argv[0] = "/nonexistent/suite";
    world_close(bench.world);
    (void)uv_run(&bench.loop, UV_RUN_DEFAULT);
    ck_assert(missing.over);
    ck_assert_int_eq(uv_loop_close(&bench.loop), 0);
    told_free(&told);
    told_free(&missing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("world");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_frame_is_parsed_only_when_it_is_whole);
    tcase_add_loop_test(all, what_is_no_frame_is_refused_by_its_first_8_bytes,
                        0, COUNT(bad_frames));
    tcase_add_test(all, a_text_without_an_end_is_none);
    tcase_add_loop_test(all, memory_goes_elsewhere_and_says_so, 0,
                        COUNT(unfit));
    tcase_add_test(all, memory_that_fits_nowhere_is_told_with_all_reasons);
    tcase_add_test(all, a_guest_boots_with_its_memory_elsewhere);
    tcase_add_test(all, without_a_kernel_the_remedy_is_told);
    tcase_add_test(all, the_host_runs_errands_too);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
