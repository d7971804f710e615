/* `why` says what becomes of the same packet when it really comes, and asking leaves no trace. */
#include "host/host.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/dev/why_packet.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "net/skb/probe.h"
#include "tests/unit/net/dev/fake_dev.h"
#include "tests/unit/net/dev/typed.h"

static struct net *net;
static struct fake_dev *eth[2];
static u32 delivered;

/* A protocol that is not one of ours: it takes what it is given. */
static void take(struct netdev *dev, struct skbq *q)
{
    if (skbq_probe(q)) {
        probe_note(q->p[0], "test", "would be counted");
        probe_delivered(q->p[0], dev->port.name);
        return;
    }
    delivered += q->n;
    skbq_free(q);
}
ETHERTYPE(why_test, 0x88b6, take, NULL);

static void start(void)
{
    net = net_first = net_bring_up();
    eth[0] = fake_dev_new(net, "eth0");
    eth[1] = fake_dev_new(net, "eth1");
    host_run();
    while (eth[0]->sent_n || eth[1]->sent_n) { /* what each tells of its addresses */
        fake_dev_complete(eth[0], eth[0]->sent_n);
        fake_dev_complete(eth[1], eth[1]->sent_n);
        host_run();
    }
    delivered = 0;
}

static void end(void)
{
    typed(net, "weir xconnect del eth0");
    fake_dev_end(eth[0]);
    fake_dev_end(eth[1]);
    net_take_down(net);
    host_run();
}

/* ---- what asking must not change ---- */

struct traces {
    u64 drop[3][DROP_REASONS], processed, sent[2], queued[2], refused[2], in_ring[2], multicast, passed[2], last, out;
};

static void look(struct traces *t)
{
    struct drop_record r = {0};
    memset(t, 0, sizeof(*t));
    t->processed = dev_rx_processed(net, 0);
    for (int i = 0; i < 2; i++) {
        struct netdev *dev = eth[i]->dev;
        const struct txq *q = dev->txq;
        for (int why = 0; why < DROP_REASONS; why++)
            t->drop[i][why] = drop_read(net, &dev->port, (enum drop_reason)why, 0);
        t->multicast += dev->stats[0]->multicast;
        t->passed[i] = dev->stats[0]->rx_packets + dev->stats[0]->tx_packets;
        t->sent[i] = eth[i]->sent_n;
        if (!q)
            continue; /* down */
        t->queued[i] = q->q->packets + q->held_n + q->q->sent_packets;
        t->refused[i] = q->q->dropped + q->q->overlimits;
        t->in_ring[i] = q->in_ring + dql_inflight(&q->dql);
    }
    for (int why = 0; why < DROP_REASONS; why++)
        t->drop[2][why] = drop_read(net, NULL, (enum drop_reason)why, 0);
    t->last = drop_last(net, 0, 0, &r) ? r.len + r.at : 0;
    t->out = skb_pool_used(skb_pool_of(net));
}

/* ---- what becomes of the packet itself ---- */

static void arrive(const char *packet)
{
    static u8 frame[WHY_FRAME];
    struct why_packet q;
    char text[256], *words[32];
    str_copy(text, sizeof(text), packet);
    CHECK_EQ(why_packet_parse(&q, words, (int)parse_words(text, words, ARRAY_LEN(words))), 0);
    fake_dev_arrive(eth[0], frame, why_packet_build(&q, &eth[0]->dev->mac, frame), 0);
    host_run();
}

static const char *say(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    static char said[256];
    const char *const parts[] = {a, b, c, d, e};
    said[0] = '\0';
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
        str_append(said, sizeof(said), parts[i]);
    return said;
}

/* As `why` would put it. */
static const char *fate(const struct traces *was)
{
    struct traces now;
    look(&now);
    for (int i = 0; i < 3; i++)
        for (int why = 0; why < DROP_REASONS; why++)
            if (now.drop[i][why] != was->drop[i][why])
                return say("dropped: ", drop_name((enum drop_reason)why), " (", drop_meaning((enum drop_reason)why),
                           ")\n");
    for (int i = 0; i < 2; i++)
        if (now.sent[i] != was->sent[i] || now.queued[i] != was->queued[i])
            return say("sent by ", eth[i]->dev->port.name, "\n", "", "");
    return delivered ? "delivered\n" : "nothing\n";
}

static const char *last_line(void)
{
    size_t at = strlen(typed_said);
    while (at > 1 && typed_said[at - 2] != '\n')
        at--;
    return typed_said + (at ? at - 1 : 0);
}

static void no_carrier(void)
{
    netdev_carrier(eth[1]->dev, false);
}

static void one_in_ring(void)
{
    eth[1]->tx_ring = 1;
    arrive("ip 10.0.0.1 10.0.0.2");
    arrive("ip 10.0.0.1 10.0.0.2");
}

static void queue_full(void)
{
    one_in_ring();
    arrive("ip 10.0.0.1 10.0.0.2");
    arrive("ip 10.0.0.1 10.0.0.2");
}

#define JOINED "weir xconnect eth0 eth1"
static const struct {
    const char *script, *packet, *fate;
    void (*before)(void);
} cases[] = {
    {"", "ip 10.1.0.2 10.2.0.2 tcp 40000 443 syn", "dropped: IP_NO_ROUTE", NULL},
    {"", "ip6 2001:db8::1 2001:db8::2 udp 5 53", "dropped: IP_NO_ROUTE", NULL},
    {"", "ip 10.0.0.1 224.0.0.5 proto 89", "dropped: IP_NOT_JOINED", NULL},
    {"", "vlan 7 ip 10.1.0.2 10.2.0.2 icmp echo", "dropped: VLAN_UNKNOWN", NULL},
    {"", "type 0x88b6", "delivered", NULL},
    {"", "type 0x88b6 len 1500", "delivered", NULL},
    {JOINED, "ip 10.1.0.2 10.2.0.2 tcp 40000 443 syn", "sent by eth1", NULL},
    {JOINED, "ip 10.1.0.2 10.2.0.2 tcp 1 2 ack psh ttl 1 len 1514", "sent by eth1", NULL},
    {JOINED, "arp who-has 10.1.0.1 tell 10.1.0.2", "sent by eth1", NULL},
    {JOINED, "type 0x88b6", "sent by eth1", NULL},
    {JOINED, "vlan 5 vlan 6 ip6 fe80::1 ff02::1 icmp 135", "sent by eth1", NULL},
    {JOINED, "ether 02:00:00:00:00:09 02:00:00:00:00:08 ip 1.2.3.4 5.6.7.8 udp 1 2 len 1518", "sent by eth1", NULL},
    {JOINED, "ip 1.2.3.4 5.6.7.8 udp 1 2 len 1600", "dropped: TX_TOO_LONG", NULL},
    {JOINED, "ip 1.2.3.4 5.6.7.8 udp 1 2 len 60000", "dropped: TX_TOO_LONG", NULL},
    {JOINED "\nip link set eth1 mtu 9000", "ip 1.2.3.4 5.6.7.8 udp 1 2 len 9014", "sent by eth1", NULL},
    {JOINED "\nip link set eth1 down", "ip 1.2.3.4 5.6.7.8", "dropped: TX_DOWN", NULL},
    {JOINED, "ip 1.2.3.4 5.6.7.8", "dropped: TX_NO_CARRIER", no_carrier},
    {JOINED, "ip 1.2.3.4 5.6.7.8", "sent by eth1", one_in_ring},
    {JOINED "\nip link set eth1 txqueuelen 2", "ip 1.2.3.4 5.6.7.8", "dropped: QDISC_FULL", queue_full},
    {JOINED, "hex 020000000001 020000000002 88b5 00112233445566778899", "sent by eth1", NULL},
    {"ip link set eth1 txqueuelen 1000\nip link set eth0 promisc on", "type 0x9000", "dropped: NO_HANDLER", NULL},
};

TEST(why_is_what_becomes_of_it)
{
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct traces before, after;
        char line[256];
        start();
        CHECK_EQ(typed(net, cases[i].script), 0);
        if (cases[i].before)
            cases[i].before();
        look(&before);
        str_copy(line, sizeof(line), "weir why in eth0 ");
        str_append(line, sizeof(line), cases[i].packet);
        int status = typed(net, line);
        host_run();
        look(&after);
        if (!test_mem_eq(&before, &after, sizeof(before)))
            test_failed(__FILE__, __LINE__, "`%s` changed something", line);
        arrive(cases[i].packet);
        if (!str_eq(last_line(), fate(&before)) || strncmp(last_line(), cases[i].fate, strlen(cases[i].fate)) != 0)
            test_failed(__FILE__, __LINE__, "`%s` said\n%sbut it was %snot %s", line, typed_said, fate(&before),
                        cases[i].fate);
        CHECK_EQ(status, cases[i].fate[0] == 'd' && cases[i].fate[1] == 'r');
        end();
    }
}

TEST(why_tells_each_stage)
{
    start();
    typed(net, JOINED);
    TYPED(net,
          {"why eth0 ip 10.1.0.2 10.2.0.2 tcp 40000 443", 0,
           "IP 10.1.0.2.40000 > 10.2.0.2.443: Flags [S], seq 0, win 64240, length 0\n"
           "  dev_rx      in by eth0, 60 bytes, to its handler\n"
           "  xconnect    joined to eth1\n"
           "  qdisc       eth1 queue 0, pfifo: 0 packets wait before it\n"
           "sent by eth1\n"},
          {"weir why -j in eth0 type 0x88b6", 0,
           "{\"stages\":[{\"stage\":\"dev_rx\",\"note\":\"in by eth0, 60 bytes, to its handler\"},"
           "{\"stage\":\"xconnect\",\"note\":\"joined to eth1\"},"
           "{\"stage\":\"qdisc\",\"note\":\"eth1 queue 0, pfifo: 0 packets wait before it\"}],"
           "\"ends\":[{\"fate\":\"sent\",\"ifname\":\"eth1\",\"packets\":1,\"bytes\":60}]}\n"});
    typed(net, "ip link set eth0 down");
    TYPED(net, {"why in eth0 type 0x88b6", 1,
                "02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype Unknown (0x88b6), length 60: \n"
                "\t0x0000:  0000 0000 0000 0000 0000 0000 0000 0000  ................\n"
                "\t0x0010:  0000 0000 0000 0000 0000 0000 0000 0000  ................\n"
                "\t0x0020:  0000 0000 0000 0000 0000 0000 0000       ..............\n"
                "dropped: DEV_DOWN (the interface that it came in by is down)\n"});
    end();
}

/* What goes out by lo comes in again at once, until it has done so too often. */
static void back_out(struct netdev *dev, struct skbq *q)
{
    dev_tx(dev, q);
}

TEST(why_follows_loopback_but_not_for_ever)
{
    start();
    typed(net, "ip link set lo up");
    struct netdev *lo = netdev_find(net, "lo");
    CHECK_EQ(typed(net, "why lo type 0x88b6"), 0);
    CHECK_STR(last_line(), "delivered\n");
    CHECK_EQ(WITH_CONF(dev_set_handler(lo, back_out, NULL)), 0);
    CHECK_EQ(typed(net, "why lo type 0x88b6"), 1);
    CHECK(strstr(typed_said, "loopback    back in by lo\n"));
    CHECK(strstr(last_line(), "dropped: LOOP "));
    CHECK_EQ(lo->stats[0]->rx_packets, 0);
    CHECK_EQ(WITH_CONF(dev_set_handler(lo, NULL, NULL)), 0);
    end();
}

TEST(why_through_devices_made_of_others)
{
    start();
    CHECK_EQ(typed(net, "ip link add link eth0 name eth0.7 type vlan id 7\nip link set eth0.7 up\n"
                        "ip link add v0 type veth peer name v1\nip link set v1 up\nweir xconnect eth1 v0"),
             0);
    host_run();
    u64 before = netdev_find(net, "v1")->stats[0]->rx_packets; /* what tells of addresses */
    CHECK_EQ(typed(net, "why eth0 vlan 7 type 0x88b6"), 0);
    CHECK(strstr(typed_said, "vlan        tag of eth0.7\n"));
    CHECK_STR(last_line(), "delivered\n");
    CHECK_EQ(netdev_find(net, "eth0.7")->stats[0]->rx_packets, 0);
    CHECK_EQ(typed(net, "why eth1 type 0x88b6"), 0);
    CHECK(strstr(typed_said, "veth        across to v1\n"));
    CHECK_STR(last_line(), "delivered\n");
    host_run();
    CHECK_EQ(netdev_find(net, "v1")->stats[0]->rx_packets, before);
    CHECK_EQ(delivered, 0);
    CHECK_EQ(typed(net, "weir xconnect del eth1\nip link del v0\nip link del eth0.7"), 0);
    end();
}

/* A large packet is cut as it would be; the pieces are probes too. */
TEST(why_of_a_packet_that_is_cut)
{
    static struct skb_probe p;
    static u8 frame[WHY_FRAME];
    char text[] = "ip 10.1.0.2 10.2.0.2 tcp 1 2 ack len 4000", *words[32];
    struct why_packet q;
    start();
    memset(&p, 0, sizeof(p));
    CHECK_EQ(why_packet_parse(&q, words, (int)parse_words(text, words, ARRAY_LEN(words))), 0);
    u32 len = why_packet_build(&q, &eth[0]->dev->mac, frame);
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(net));
    CHECK_EQ(skb_append(s, frame, len), 0);
    s->gso = GSO_TCP4;
    s->gso_size = 1000;
    probe_begin(s, &p);
    dev_tx(eth[1]->dev, &(struct skbq){.n = 1, .p = {s}});
    softirq_on();
    host_run();
    CHECK_EQ(p.ends, 1);
    CHECK_EQ(p.end[0].fate, PROBE_SENT);
    CHECK_EQ(p.end[0].packets, 4);
    CHECK_EQ(p.end[0].bytes, 4000 + 3 * 54);
    CHECK_EQ(eth[1]->sent_n, 0);
    end();
}

TEST(why_notes_and_ends_are_bounded)
{
    static struct skb_probe p;
    start();
    memset(&p, 0, sizeof(p));
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(net));
    probe_note(s, "nobody", "asks");
    probe_begin(s, &p);
    for (u32 i = 0; i < PROBE_NOTES + 3; i++)
        probe_note(s, "a stage with a long name", "%0200u", i);
    CHECK_EQ(p.notes, PROBE_NOTES);
    CHECK_EQ(p.lost, 3);
    CHECK_EQ(strlen(p.note[0].stage), PROBE_STAGE - 1);
    CHECK_EQ(strlen(p.note[0].text), PROBE_TEXT - 1);
    for (u32 i = 0; i < PROBE_ENDS + 2; i++) {
        struct skb *c = skb_clone(s);
        probe_sent(c, eth[i % 2]->dev->port.name);
    }
    CHECK_EQ(p.ends, PROBE_ENDS);
    CHECK_EQ(p.lost, 4);       /* the last is as the last that there is room for */
    skb_drop(s, DROP_IP_CSUM); /* asks, and leaves no trace */
    CHECK_EQ(drop_read(net, NULL, DROP_IP_CSUM, 0), 0);
    softirq_on();
    end();
}

/* ---- words ---- */

TEST(why_packets_are_what_the_words_say)
{
    start();
    static const struct {
        const char *words, *line;
    } packets[] = {
        {"ip 10.1.0.2 10.2.0.2 udp 5 7 len 100", "IP 10.1.0.2.5 > 10.2.0.2.7: UDP, length 58\n"},
        {"ip 10.1.0.2 10.2.0.2 icmp echo", "IP 10.1.0.2 > 10.2.0.2: ICMP echo request, id 0, seq 1, length 8\n"},
        {"ip 10.1.0.2 10.2.0.2 icmp reply", "IP 10.1.0.2 > 10.2.0.2: ICMP echo reply, id 0, seq 1, length 8\n"},
        {"ip6 fe80::1 fe80::2 icmp echo", "IP6 fe80::1 > fe80::2: ICMP6, echo request, id 0, seq 1, length 8\n"},
        {"ip6 fe80::1 fe80::2 hops 3 tcp 1 2 rst ack len 80",
         "IP6 fe80::1.1 > fe80::2.2: Flags [R.], seq 0:6, ack 0, win 64240, length 6\n"},
        {"arp who-has 10.0.0.1 tell 10.0.0.2", "ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 46\n"},
        {"ip 10.1.0.2 10.2.0.2 proto 50 len 50", "IP 10.1.0.2 > 10.2.0.2: ESP(spi=0x00000000,seq=0x0), length 16\n"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(packets); i++) {
        char line[200];
        str_copy(line, sizeof(line), "why eth0 ");
        str_append(line, sizeof(line), packets[i].words);
        typed(net, line);
        typed_said[strchrnul(typed_said, '\n') + 1 - typed_said] = '\0';
        CHECK_STR(typed_said, packets[i].line);
    }
    end();
}

#define USAGE "usage: weir why [-j] [in] IF [ether SRC DST] [vlan N] ip|ip6 SRC DST [tcp|udp SPORT DPORT] ...\n"

TEST(why_refuses_by_name)
{
    start();
    TYPED(net, {"weir why", 2, "weir why: by which device does it come in?\n" USAGE},
          {"weir why in", 2, "weir why: by which device does it come in?\n" USAGE},
          {"weir why eth9 type 0x88b6", 1, "weir why: \"eth9\": there is no such device\n"},
          {"weir why eth0", 2, "weir why: what does the frame carry: ip, ip6, arp, type, or hex for all of it\n" USAGE},
          {"weir why eth0 ip 10.0.0.1", 2, "weir why: two addresses are wanted\n" USAGE},
          {"weir why eth0 ip fe80::1 fe80::2", 2, "weir why: \"fe80::1\" is not an address of IPv4\n" USAGE},
          {"weir why eth0 tcp 1 2", 2,
           "weir why: \"tcp\": \"ip SRC DST\" or \"ip6 SRC DST\" is wanted before it\n" USAGE},
          {"weir why eth0 ip 1.1.1.1 2.2.2.2 tcp 1 65536", 2, "weir why: tcp \"65536\": too large\n" USAGE},
          {"weir why eth0 ip 1.1.1.1 2.2.2.2 udp 1 2 syn", 2,
           "weir why: \"syn\": \"tcp SPORT DPORT\" is wanted before it\n" USAGE},
          {"weir why eth0 ip 1.1.1.1 2.2.2.2 tcp 1 2 len 53", 2,
           "weir why: len 53: its headers alone have 54 bytes\n" USAGE},
          {"weir why eth0 ip 1.1.1.1 2.2.2.2 udp 1 2 tcp 1 2", 2,
           "weir why: \"tcp\": it is said already what IP carries\n" USAGE},
          {"weir why eth0 ip 1.1.1.1 2.2.2.2 arp who-has 1.1.1.1 tell 2.2.2.2", 2,
           "weir why: \"arp\": it is said already what the frame carries\n" USAGE},
          {"weir why eth0 hex 0102", 2, "weir why: hex: a frame has 14 to 65549 bytes\n" USAGE},
          {"weir why eth0 hex 0g", 2, "weir why: hex \"0g\": two digits for each byte\n" USAGE},
          {"weir why eth0 gopher", 2, "weir why: \"gopher\": not a word of a packet\n" USAGE});
    end();
}
