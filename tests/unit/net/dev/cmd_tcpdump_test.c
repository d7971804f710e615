/* The command tcpdump: words, files, and a capture with its summary. */
#include "host/host.h"
#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/io.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "tests/unit/net/bpf/packets.h"
#include "tests/unit/net/dev/joined.h"
#include "tests/unit/net/skb/packet.h"

static struct joined rig;
static struct net *net;
static struct fake_dev *a, *b;
static char out_text_of[1 << 16], err_text[4096];
static struct out_mem out, err;
static int status;
static bool ended;

static void start(void)
{
    joined_start(&rig);
    net = rig.net;
    a = rig.a;
    b = rig.b;
}

static void end(void)
{
    joined_end(&rig);
}

static void run_with(const char *line, const u8 *given, size_t n, u16 columns)
{
    char copy[256], *argv[24];
    int argc = 0;
    struct io_mem in;
    str_copy(copy, sizeof(copy), line);
    for (char *p = copy; *p;) {
        argv[argc++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    argv[argc] = NULL;
    io_mem_init(&in, (const char *)given, n);
    out_mem_init(&out, out_text_of, sizeof(out_text_of), false);
    out_mem_init(&err, err_text, sizeof(err_text), false);
    out.out.columns = columns;
    struct cmd_ctx c = {.net = net, .out = &out.out, .err = &err.out, .in = &in.io, .argc = argc, .argv = argv};
    status = cmd_run(&c);
    ended = true;
}

static void run(const char *line)
{
    run_with(line, NULL, 0, 0);
}

static void run_task(void *line)
{
    run(line);
}

/* In a task of its own, so that packets can come meanwhile. */
static struct task *begin(char *line)
{
    ended = false;
    struct task *t = task_start("tcpdump", run_task, line, TASK_NORMAL, -1);
    host_run();
    return t;
}

static void arrive(u16 port)
{
    u8 frame[200];
    u32 len = packet_build(&(struct packet){.udp = true, .src = 1, .dst = 2, .sport = 9, .dport = port, .payload = 10},
                           frame);
    fake_dev_arrive(a, frame, len, 0);
    host_run();
    fake_dev_complete(b, b->in_ring);
    host_run();
}

TEST(tcpdump_captures_so_many)
{
    char line[] = "tcpdump -i eth0 -t -c 2 udp port 7";
    start();
    CHECK_EQ(a->dev->promisc, 1); /* they are joined */
    begin(line);
    CHECK_EQ(a->dev->promisc, 2);
    CHECK_EQ(a->dev->taps, 1);
    arrive(7);
    arrive(8);
    arrive(7);
    CHECK(ended);
    CHECK_EQ(status, 0);
    CHECK_STR(out_text_of, "IP 10.1.0.1.9 > 10.2.0.2.7: UDP, length 10\nIP 10.1.0.1.9 > 10.2.0.2.7: UDP, length 10\n");
    CHECK_STR(err_text, "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
                        "listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n"
                        "2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n");
    CHECK_EQ(a->dev->promisc, 1);
    CHECK_EQ(a->dev->taps, 0);
    end();
}

TEST(tcpdump_interrupted)
{
    char line[] = "tcpdump -i any -t -p";
    start();
    struct task *t = begin(line);
    CHECK_EQ(a->dev->promisc, 1);
    CHECK_EQ(a->dev->taps, 1);
    CHECK_EQ(b->dev->taps, 1);
    arrive(7);
    CHECK(!ended);
    task_interrupt(t);
    host_run();
    CHECK(ended);
    CHECK_STR(out_text_of, "eth0  P   IP 10.1.0.1.9 > 10.2.0.2.7: UDP, length 10\n"
                           "eth1  Out IP 10.1.0.1.9 > 10.2.0.2.7: UDP, length 10\n");
    CHECK(str_starts(err_text, "tcpdump: data link type LINUX_SLL2\n"
                               "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
                               "listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 "
                               "bytes\n"));
    CHECK(str_ends(err_text, "\n2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n"));
    CHECK_EQ(a->dev->taps, 0);
    CHECK_EQ(b->dev->taps, 0);
    end();
}

/* A device that goes down ends the capture, and says so. */
TEST(tcpdump_device_goes)
{
    char line[] = "tcpdump -i eth0";
    start();
    begin(line);
    WITH_CONF(dev_down(a->dev));
    host_clock_advance(2 * NS_PER_S);
    host_run();
    CHECK(ended);
    CHECK_EQ(status, 1);
    CHECK(strstr(err_text, "tcpdump: pcap_loop: The interface went down\n0 packets captured\n") != NULL);
    end();
}

TEST(tcpdump_file_and_back)
{
    char line[] = "tcpdump -i eth0 -w /tmp/a.pcap -c 1";
    start();
    begin(line);
    arrive(7);
    CHECK(ended);
    CHECK_EQ(status, 0);
    CHECK_STR(out_text_of, "");
    CHECK(str_starts(err_text, "tcpdump: listening on eth0, "));
    run("tcpdump -r /tmp/a.pcap -t -nn");
    CHECK_EQ(status, 0);
    CHECK_STR(out_text_of, "IP 10.1.0.1.9 > 10.2.0.2.7: UDP, length 10\n");
    CHECK_STR(err_text, "reading from file /tmp/a.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n");
    run("tcpdump -r /tmp/a.pcap tcp");
    CHECK_STR(out_text_of, "");
    CHECK_EQ(file_remove(net, "/tmp/a.pcap"), 0);
    end();
}

/* Of all devices at once: cooked, in the line and in the file; a filter that wants what is not there is refused. */
TEST(tcpdump_of_all_devices_and_back)
{
    char line[] = "tcpdump -i any -Q out -s 40 -w /tmp/a.pcap -c 1 udp", live[] = "tcpdump -i any -Q in -e -t -c 1";
    start();
    begin(line);
    arrive(7);
    CHECK(ended);
    CHECK_STR(err_text, "tcpdump: data link type LINUX_SLL2\n"
                        "tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 40 bytes\n"
                        "1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n");
    run("tcpdump -r /tmp/a.pcap -t -e -xx");
    CHECK_STR(out_text_of, "eth1  Out ifindex 3 02:00:00:00:00:01 ethertype IPv4 (0x0800), length 58: 10.1.0.1 > "
                           "10.2.0.2:  [|udp]\n"
                           "\t0x0000:  0800 0000 0000 0003 0001 0406 0200 0000\n"
                           "\t0x0010:  0001 0000 4500 0026 0000 0000 4011 66c2\n"
                           "\t0x0020:  0a01 0001 0a02 0002\n");
    CHECK_STR(err_text, "reading from file /tmp/a.pcap, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 40\n"
                        "Warning: interface names might be incorrect\n");
    run("tcpdump -r /tmp/a.pcap -w /tmp/b.pcap ether src 02:00:00:00:00:01 and src host 10.1.0.1");
    run("tcpdump -r /tmp/b.pcap -t -q");
    CHECK(str_starts(out_text_of, "eth1  Out IP"));
    run("tcpdump -r /tmp/a.pcap tcp");
    CHECK_STR(out_text_of, "");
    run("tcpdump -r /tmp/a.pcap ether dst 02:00:00:00:00:02");
    CHECK_EQ(status, 1);
    CHECK(strstr(err_text, "tcpdump: a cooked packet does not say to which station it went") != NULL);
    CHECK_EQ(file_remove(net, "/tmp/a.pcap"), 0);
    CHECK_EQ(file_remove(net, "/tmp/b.pcap"), 0);
    begin(live);
    arrive(7);
    CHECK(ended);
    CHECK_STR(out_text_of, "eth0  P   ifindex 2 02:00:00:00:00:01 ethertype IPv4 (0x0800), length 58: 10.1.0.1.9 > "
                           "10.2.0.2.7: UDP, length 10\n");
    end();
}

TEST(tcpdump_copies_a_file)
{
    struct packets all;
    start();
    if (packets_read(&all)) {
        run_with("tcpdump -r - -w -", all.bytes, all.size, 0);
        CHECK_EQ(status, 0);
        CHECK_EQ(out_mem_len(&out), all.size);
        CHECK_MEM(out_text_of, all.bytes, all.size);
        run_with("tcpdump -r - -c 3 -t arp", all.bytes, all.size, 0);
        CHECK_STR(out_text_of, "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 46\n"
                               "ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 46\n"
                               "ARP, Request who-has 10.0.0.1 tell 10.0.0.1, length 46\n");
        run_with("tcpdump -r - -c 1 arp", all.bytes, all.size - 1, 0);
        CHECK_EQ(status, 0);
        run_with("tcpdump -r - igmp", all.bytes, all.size - 1, 0);
        CHECK_EQ(status, 1);
        CHECK(strstr(err_text, "tcpdump: pcap_loop: truncated dump file: no whole packet\n") != NULL);
        packets_free(&all);
    }
    end();
}

/* A file in RAM has its bounds. */
TEST(tcpdump_file_is_full)
{
    static u8 big[65536];
    struct packets all;
    start();
    for (u32 i = 0; i < FILE_TMP_BYTES / sizeof(big); i++)
        if (file_write(net, "/tmp/big", (const char *)big, sizeof(big), true))
            break;
    if (packets_read(&all)) {
        run_with("tcpdump -r - -w /tmp/b.pcap", all.bytes, all.size, 0);
        CHECK_EQ(status, 1);
        CHECK(strstr(err_text, "/tmp/b.pcap: no room: files in RAM have 4 MiB together; the capture ends") != NULL);
        packets_free(&all);
    }
    CHECK_EQ(file_remove(net, "/tmp/big"), 0);
    CHECK_EQ(file_remove(net, "/tmp/b.pcap"), 0);
    end();
}

static const struct {
    const char *line;
    int status;
    const char *says;
} refused[] = {
    {"tcpdump -i eth9", 1, "tcpdump: eth9: No such device exists\n"},
    {"tcpdump -i eth0 port frob", 1,
     "tcpdump: can't parse filter expression: unknown port 'frob'\n    port frob\n         ^\n"},
    {"tcpdump -Q up", 2, "tcpdump: unknown capture direction `up'"},
    {"tcpdump -c 0", 2, "tcpdump: option '-c': \"0\" is not a number from 1"},
    {"tcpdump -r /tmp/none", 1, "tcpdump: /tmp/none: No such file or directory\n"},
    {"tcpdump -r /tmp/none -i eth0", 2, "tcpdump: -r reads a file: no device and no direction go with it"},
    {"tcpdump -r - inbound", 1, "tcpdump: can't parse filter expression: inbound/outbound not supported"},
    {"tcpdump -r -", 1, "tcpdump: -: truncated dump file: no whole file header\n"},
    {"tcpdump -w /nowhere/x -i eth0", 1, "tcpdump: /nowhere/x: "},
    {"tcpdump -Z", 2, "tcpdump: unknown option '-Z'"},
};

TEST(tcpdump_refused)
{
    start();
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        run(refused[i].line);
        if (status != refused[i].status || !str_starts(err_text, refused[i].says))
            test_failed(__FILE__, __LINE__, "%s: %d, %s", refused[i].line, status, err_text);
    }
    WITH_CONF(dev_down(b->dev));
    run("tcpdump -i eth1");
    CHECK_STR(err_text, "tcpdump: eth1: That device is not up\n");
    run_with("tcpdump -i eth0 -w -", NULL, 0, 80);
    CHECK_EQ(status, 1);
    CHECK(str_starts(err_text, "tcpdump: -w -: a terminal shows no pcap, and there is no second serial port for it"));
    end();
}

TEST(tcpdump_lists_and_programs)
{
    start();
    run("tcpdump -D");
    CHECK_STR(out_text_of, "1.eth0 [Up, Running, Connected]\n2.eth1 [Up, Running, Connected]\n"
                           "3.any (Pseudo-device that captures on all interfaces) [Up, Running]\n");
    run("tcpdump -ddd arp");
    CHECK_STR(out_text_of, "4\n40 0 0 12\n21 0 1 2054\n6 0 0 262144\n6 0 0 0\n");
    run("tcpdump -dd -s 96 arp");
    CHECK_STR(out_text_of, "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 1, 0x00000806 },\n{ 0x6, 0, 0, 0x00000060 },\n"
                           "{ 0x6, 0, 0, 0x00000000 },\n");
    end();
}
