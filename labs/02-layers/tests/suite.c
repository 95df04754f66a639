/* Lab 02's suite: its themes, in the order of the checkpoints.  The tests are
 * in a file a theme, each beside its registration. */
#include <assert.h>
#include <string.h>

#include <wirelab/wirelab.h>

START_TEST(a_frame_is_read)
{
    struct net *net = net_new(_seed());
    struct host *host = net_host(net, "reader");
    struct host *other = net_host(net, "writer");
    net_ethernet(host, other, "delay 5ms");
    expect_exit(host_start(host, program("forge"), "-o", "a.pcap", "eth/arp"),
                0, SECONDS(5));
    struct proc *dissect = host_start(host, program("dissect"), "a.pcap");
    expect_exit(dissect, 0, SECONDS(5));
    expect_contains(proc_stdout(dissect, NULL), "  arp hardware_type=1",
                    "output of dissect");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(a_frame_is_read),
        .id = "02.1.a_frame_is_read",
        .title = "An ARP request in a frame is read",
        .checkpoint = 1,
        .points = 12,
        .why = "Everything else is inside a frame.",
        .cause = "this failure is intended: the lab begins here.",
        .see = "README.md#checkpoint-1",
    },
};
LAB_SUITE("02", tests)
