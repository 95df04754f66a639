/* A guest's life, as its host sees it; see guest.h.
 *
 *      booting ── HELLO, SETUP, READY ──► ready ──┐
 *         │                                       ├──► ending ──► gone
 *         └── too late, or FAILED, or dead ───────┘
 *
 * Whatever ends it, the way out is one: the leash is let go, the warden kills
 * all and tells, its report's end closes the last handle.  Who asked for the
 * end first decides what is said about it. */
#include "world/guest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "topo/process.h"
#include "world/boot.h"
#include "world/bootdir.h"
#include "world/frame.h"
#include "world/memory.h"
#include "world/spin.h"
#include "world/warden.h"

enum {
    LOOK_MS = 250,
    LOOK_COUNTS_AT_MOST_MS = 1000,
    SPIN_AFTER_MS = 2000, /* of silence one begins to look for who spins */
};

struct ticket {
    struct errand *errand;
    uint32_t number;
    int64_t waited_ns; /* its guest's kernel, when it began */
    int signal;        /* to be sent when the guest has booted, or 0 */
    struct ticket *next;
};

struct guest {
    const struct guest_options *options;
    struct guest_events events;
    struct bootdir dir;
    struct warden warden;
    struct warden_report report;
    size_t report_bytes, reports;
    uv_pipe_t line, reports_pipe;
    uv_timer_t look;
    int open_handles;
    bool ready, ending, line_closed;
    enum errand_end end; /* valid when `ending` */
    char *why;
    struct strbuf heard; /* of the line, not yet parsed */
    struct ticket *tickets;
    uint32_t last_number;
    int64_t started_ns, looked_ns, clock_ns, silent_ms;
    bool frozen;
    struct spin_survey surveyed; /* since others got on, too */
    bool has_survey;
    long judged_turns; /* of a suspect that may yet be working */
};

/* ---- The end --------------------------------------------------------------
 */

static void end(struct guest *guest, enum errand_end end, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/* Says why, once, and lets the guest die. */
static void end(struct guest *guest, enum errand_end end, const char *format,
                ...)
{
    if (guest->ending)
        return;
    struct strbuf why = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&why, format, args);
    va_end(args);
    guest->ending = true;
    guest->end = end;
    if (end != ERRAND_UNWANTED && end != ERRAND_SPINS) {
        char *tail = bootdir_console_tail(&guest->dir);
        strbuf_printf(&why,
                      *tail ? "; its console ended with: %s"
                            : "; its console is empty%s",
                      tail);
        free(tail);
    }
    guest->why = why.text;
    (void)close(guest->warden.leash_fd);
}

static void end_errand(struct guest *guest, struct ticket **at,
                       enum errand_end how)
{
    struct ticket *ticket = *at;
    struct errand *errand = ticket->errand;
    *at = ticket->next;
    free(ticket);
    errand->ended(errand, how, how == ERRAND_EXITED ? "" : guest->why);
}

static void forget(struct guest *guest)
{
    while (guest->tickets)
        end_errand(guest, &guest->tickets, guest->end);
    guest->events.gone(guest, guest->end, guest->why, guest->events.context);
    bootdir_remove(&guest->dir);
    strbuf_fini(&guest->heard);
    free(guest->why);
    free(guest);
}

static void on_closed(uv_handle_t *handle)
{
    struct guest *guest = handle->data;
    if (--guest->open_handles == 0)
        forget(guest);
}

static void close_line(struct guest *guest)
{
    if (!guest->line_closed)
        uv_close((uv_handle_t *)&guest->line, on_closed);
    guest->line_closed = true;
}

static void describe(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        (void)snprintf(text, size, "was killed by %s",
                       strsignal(WTERMSIG(status)));
    else
        (void)snprintf(text, size, "ended with status %d", WEXITSTATUS(status));
}

/* The warden has ended, and with it all of the guest. */
static void on_warden_gone(struct guest *guest)
{
    char how[64] = "could not be started";
    if (guest->reports == 2)
        describe(guest->report.status, how, sizeof(how));
    else if (guest->reports == 1)
        (void)snprintf(how, sizeof(how), "lost its warden");
    end(guest, ERRAND_LOST, "the guest's kernel %s", how);
    (void)waitpid(guest->warden.pid, NULL, 0);
    close_line(guest);
    uv_close((uv_handle_t *)&guest->reports_pipe, on_closed);
    uv_close((uv_handle_t *)&guest->look, on_closed);
}

/* ---- What the warden tells ------------------------------------------------
 */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    *buf = uv_buf_init(mem_zalloc(suggested), (unsigned)suggested);
}

static void on_report(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct guest *guest = stream->data;
    for (ssize_t i = 0; i < n; i++) {
        ((char *)&guest->report)[guest->report_bytes++] = buf->base[i];
        if (guest->report_bytes == sizeof(guest->report)) {
            guest->report_bytes = 0;
            guest->reports++;
        }
    }
    free(buf->base);
    if (n < 0)
        on_warden_gone(guest);
}

/* ---- What the agent says --------------------------------------------------
 */

struct sending {
    uv_write_t request;
    char bytes[];
};

static void on_sent(uv_write_t *request, int status)
{
    (void)status; /* a line that breaks is met by reading */
    free(request);
}

static void say(struct guest *guest, enum frame_kind kind, uint32_t errand,
                const void *payload, size_t n)
{
    struct sending *sending =
        mem_zalloc(sizeof(*sending) + FRAME_HEADER_BYTES + n);
    frame_header((uint8_t *)sending->bytes, kind, errand, n);
    memcpy(sending->bytes + FRAME_HEADER_BYTES, payload, n);
    uv_buf_t buf =
        uv_buf_init(sending->bytes, (unsigned)(FRAME_HEADER_BYTES + n));
    if (guest->line_closed ||
        uv_write(&sending->request, (uv_stream_t *)&guest->line, &buf, 1,
                 on_sent) < 0)
        free(sending);
}

static void say_setup(struct guest *guest)
{
    struct strbuf setup = {0};
    bootdir_setup(&guest->dir, guest->options, &setup);
    say(guest, FRAME_SETUP, 0, setup.text, setup.length);
    strbuf_fini(&setup);
}

static void say_run(struct guest *guest, struct ticket *ticket)
{
    struct strbuf words = {0};
    ticket->waited_ns = process_waited_ns(guest->report.kernel);
    const struct errand *errand = ticket->errand;
    strbuf_add(&words, errand->log_file, strlen(errand->log_file) + 1);
    for (size_t i = 0; errand->argv[i]; i++)
        strbuf_add(&words, errand->argv[i], strlen(errand->argv[i]) + 1);
    say(guest, FRAME_RUN, ticket->number, words.text, words.length);
    strbuf_fini(&words);
}

static void say_signal(struct guest *guest, const struct ticket *ticket)
{
    uint8_t payload[4];
    frame_put32(payload, (uint32_t)ticket->signal);
    say(guest, FRAME_SIGNAL, ticket->number, payload, sizeof(payload));
}

static struct ticket **find(struct guest *guest, uint32_t number)
{
    struct ticket **at = &guest->tickets;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

/* With virtual time an idle guest would hurry from one of its kernel's timers
 * to the next; so it is stopped while nothing is to be done. */
static void freeze(struct guest *guest, bool frozen)
{
    if (guest->options->time == GUEST_TIME_REAL || !guest->ready ||
        guest->ending || guest->frozen == frozen)
        return;
    (void)kill(guest->report.kernel, frozen ? SIGSTOP : SIGCONT);
    guest->frozen = frozen;
    guest->silent_ms = 0;
    guest->has_survey = false;
}

static void on_ready(struct guest *guest)
{
    double ms = (double)(clock_now_ns() - guest->started_ns) / 1e6;
    guest->ready = true;
    guest->silent_ms = 0;
    guest->events.ready(guest, ms, guest->events.context);
    for (struct ticket *ticket = guest->tickets; ticket;
         ticket = ticket->next) {
        say_run(guest, ticket);
        if (ticket->signal)
            say_signal(guest, ticket);
    }
    freeze(guest, guest->tickets == NULL);
}

static void on_ended(struct guest *guest, const struct frame *frame)
{
    struct ticket **at = find(guest, frame->errand);
    if (*at == NULL)
        return;
    struct errand *errand = (*at)->errand;
    errand->wait_status = (int)frame_get32(frame->payload);
    errand->guest_ns = (int64_t)frame_get64(frame->payload + 4);
    errand->stolen_ns =
        guest->options->time == GUEST_TIME_REAL
            ? process_waited_ns(guest->report.kernel) - (*at)->waited_ns
            : 0;
    end_errand(guest, at, ERRAND_EXITED);
    freeze(guest, guest->tickets == NULL);
}

static void on_verdict(struct guest *guest, const struct frame *frame)
{
    const struct ticket *ticket = *find(guest, frame->errand);
    if (ticket)
        ticket->errand->verdict(ticket->errand, (const char *)frame->payload,
                                frame->payload_bytes);
}

static void hear(struct guest *guest, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_HELLO:
        if (frame_get32(frame->payload) == FRAME_VERSION)
            say_setup(guest);
        else
            end(guest, ERRAND_LOST, "the guest's agent is of another version");
        break;
    case FRAME_READY:
        on_ready(guest);
        break;
    case FRAME_FAILED:
        end(guest, ERRAND_LOST, "the guest could not be set up: %.*s",
            (int)frame->payload_bytes, (const char *)frame->payload);
        break;
    case FRAME_VERDICT:
        on_verdict(guest, frame);
        break;
    case FRAME_ENDED:
        on_ended(guest, frame);
        break;
    default:
        end(guest, ERRAND_LOST, "the guest said what a guest does not say");
    }
}

static void on_heard(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct guest *guest = stream->data;
    struct frame frame;
    size_t taken = 0;
    ssize_t parsed = -EAGAIN;
    if (n > 0)
        strbuf_add(&guest->heard, buf->base, (size_t)n);
    free(buf->base);
    if (n < 0) { /* the kernel is ending: its warden tells more */
        close_line(guest);
        return;
    }
    while (!guest->ending &&
           (parsed = frame_parse(&frame, (uint8_t *)guest->heard.text + taken,
                                 guest->heard.length - taken)) > 0) {
        taken += (size_t)parsed;
        hear(guest, &frame);
    }
    if (parsed == -EBADMSG)
        end(guest, ERRAND_LOST, "the line to the guest garbles");
    guest->heard.length -= taken;
    memmove(guest->heard.text, guest->heard.text + taken, guest->heard.length);
}

/* ---- Its clock ------------------------------------------------------------
 */

/* Counted in looks, not by the clock: a host that stood still itself for a
 * while has not seen the guest be silent for that long. */
static void count_silence(struct guest *guest)
{
    int64_t now_ns = clock_now_ns();
    int64_t ms = (now_ns - guest->looked_ns) / 1000000;
    guest->looked_ns = now_ns;
    guest->silent_ms +=
        ms < LOOK_COUNTS_AT_MOST_MS ? ms : LOOK_COUNTS_AT_MOST_MS;
}

static void look_at_clock(struct guest *guest)
{
    struct stat st;
    char *path = str_format("%s/clock", guest->dir.clock);
    if (guest->ready && stat(path, &st) == 0) {
        int64_t clock_ns =
            st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
        if (clock_ns != guest->clock_ns || guest->frozen) {
            guest->silent_ms = 0;
            guest->has_survey = false;
        }
        guest->clock_ns = clock_ns;
    }
    free(path);
}

static void look_for_spinning(struct guest *guest)
{
    struct spin_survey now;
    struct spin_suspect suspect;
    char call[SPIN_CALL_BYTES];
    spin_survey(guest->report.kernel, &now);
    int found = 0;
    if (guest->has_survey)
        found = spin_find(&guest->surveyed, &now, &suspect);
    if (found == 0) {
        guest->surveyed = now;
        guest->has_survey = true;
        guest->judged_turns = 0;
        return;
    }
    if (found < 0 || suspect.turns < 2 * guest->judged_turns)
        return;
    guest->judged_turns = suspect.turns;
    if (spin_judge(&suspect, call) > 0)
        end(guest, ERRAND_SPINS, "%s", call);
}

static void on_look(uv_timer_t *timer)
{
    struct guest *guest = timer->data;
    unsigned limit_ms = guest->options->silence_ms ? guest->options->silence_ms
                                                   : GUEST_SILENCE_MS;
    count_silence(guest);
    look_at_clock(guest);
    if (!guest->ready && guest->silent_ms > GUEST_BOOT_LIMIT_MS)
        end(guest, ERRAND_LOST, "the guest did not boot within %d s",
            GUEST_BOOT_LIMIT_MS / 1000);
    else if (guest->ready && guest->silent_ms > SPIN_AFTER_MS &&
             guest->options->time == GUEST_TIME_FREE_CPU)
        look_for_spinning(guest);
    if (guest->ready && guest->silent_ms > limit_ms)
        end(guest, ERRAND_STUCK,
            "the guest hung: its clock stood still for %u s", limit_ms / 1000);
}

/* ---- The beginning --------------------------------------------------------
 */

static int launch(struct guest *guest, int line_fd, char *error)
{
    char memory[256], passed_over[GUEST_ERROR_BYTES];
    const struct guest_options *options = guest->options;
    unsigned mib = options->memory_mib ? options->memory_mib : GUEST_MEMORY_MIB;
    if (memory_dir_choose(mib, memory, sizeof(memory), passed_over,
                          sizeof(passed_over)) < 0) {
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "no directory for the guest's memory: %.400s; set "
                       "TMPDIR to one that will do",
                       passed_over);
        return -ENOSPC;
    }
    char *found =
        options->kernel ? mem_strdup(options->kernel) : boot_find_kernel(error);
    if (found == NULL)
        return -ENOENT;
    char **argv = boot_command(found, options, &guest->dir);
    const struct warden_orders orders = {.argv = argv,
                                         .memory_dir = memory,
                                         .console = guest->dir.console,
                                         .cpu = options->cpu,
                                         .line_fd = line_fd};
    int result = warden_start(&guest->warden, &orders);
    if (result < 0)
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "cannot start a guest's warden: %s", strerror(-result));
    boot_free(argv);
    free(found);
    return result;
}

static void listen_to(struct guest *guest, uv_loop_t *loop, int line_fd)
{
    guest->open_handles = 3;
    guest->line.data = guest->reports_pipe.data = guest->look.data = guest;
    (void)uv_pipe_init(loop, &guest->line, 0);
    (void)uv_pipe_init(loop, &guest->reports_pipe, 0);
    (void)uv_timer_init(loop, &guest->look);
    (void)uv_pipe_open(&guest->line, line_fd);
    (void)uv_pipe_open(&guest->reports_pipe, guest->warden.report_fd);
    (void)uv_read_start((uv_stream_t *)&guest->line, on_alloc, on_heard);
    (void)uv_read_start((uv_stream_t *)&guest->reports_pipe, on_alloc,
                        on_report);
    (void)uv_timer_start(&guest->look, on_look, LOOK_MS, LOOK_MS);
}

struct guest *guest_start(uv_loop_t *loop, const struct guest_options *options,
                          const struct guest_events *events, char *error)
{
    struct guest *guest = mem_zalloc(sizeof(*guest));
    int line[2] = {-1, -1};
    guest->options = options;
    guest->events = *events;
    guest->started_ns = guest->looked_ns = clock_now_ns();
    int result = bootdir_make(&guest->dir, error);
    if (result == 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0) {
        result = -errno;
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "cannot make a line to a guest: %s", strerror(errno));
    }
    if (result == 0)
        result = launch(guest, line[1], error);
    if (line[1] >= 0)
        (void)close(line[1]);
    if (result == 0) {
        listen_to(guest, loop, line[0]);
        return guest;
    }
    if (line[0] >= 0)
        (void)close(line[0]);
    bootdir_remove(&guest->dir);
    free(guest);
    return NULL;
}

void guest_run(struct guest *guest, struct errand *errand)
{
    struct ticket *ticket = mem_zalloc(sizeof(*ticket));
    struct ticket **at = &guest->tickets;
    *ticket = (struct ticket){.errand = errand, .number = ++guest->last_number};
    while (*at)
        at = &(*at)->next;
    *at = ticket;
    if (guest->ready)
        say_run(guest, ticket);
    freeze(guest, false);
}

void guest_signal(struct guest *guest, struct errand *errand, int signal)
{
    for (struct ticket *ticket = guest->tickets; ticket;
         ticket = ticket->next) {
        if (ticket->errand != errand)
            continue;
        ticket->signal = signal;
        if (guest->ready)
            say_signal(guest, ticket);
    }
}

void guest_stop(struct guest *guest)
{
    end(guest, ERRAND_UNWANTED, "the guest was stopped");
}

bool guest_is_ending(const struct guest *guest)
{
    return guest->ending;
}

int64_t guest_clock_ns(const struct guest *guest)
{
    return guest->clock_ns;
}

int guest_pid(const struct guest *guest)
{
    return guest->reports ? guest->report.kernel : 0;
}
