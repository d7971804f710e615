/* Filters against Debian's tcpdump: every expression of tests/tcpdump/filters.txt over every packet of packets.pcap.
 *
 * Three must agree: what tcpdump said of each packet, its program run by Weir's interpreter, and Weir's own program. */
#include "lib/check.h"
#include "lib/string.h"
#include "net/bpf/pcap_filter.h"
#include "tests/unit/net/bpf/packets.h"

#include <stdio.h>
#include <stdlib.h>

#define LINE_MOST 65536

static struct packets all;

static bool told(const char *hex, u32 i)
{
    int digit = char_hex(hex[i / 4]);
    return digit >> (3 - i % 4) & 1;
}

/* "4 40 0 0 12 21 ...": how many, then four numbers each. */
static u32 read_program(char *text, struct cbpf_insn *to)
{
    u32 n = (u32)strtoul(text, &text, 10);
    for (u32 i = 0; i < n && i < CBPF_MOST; i++) {
        to[i].code = (u16)strtoul(text, &text, 10);
        to[i].jt = (u8)strtoul(text, &text, 10);
        to[i].jf = (u8)strtoul(text, &text, 10);
        to[i].k = (u32)strtoul(text, &text, 10);
    }
    return n;
}

static void compare(const char *expression, const char *verdicts, const struct cbpf_insn *theirs,
                    const struct pcap_filter *ours)
{
    for (u32 i = 0; i < all.n; i++) {
        struct cbpf_view v;
        packets_view(&all, i, &v);
        bool a = cbpf_run(theirs, &v), b = cbpf_run(ours->insn, &v);
        if (a != told(verdicts, i))
            test_failed(__FILE__, __LINE__, "%s: packet %u: tcpdump's program says %d here", expression, i, a);
        if (b != told(verdicts, i))
            test_failed(__FILE__, __LINE__, "%s: packet %u: Weir's program says %d", expression, i, b);
    }
}

static void check_line(char *line, struct cbpf_insn *theirs)
{
    struct pcap_filter ours;
    struct pcap_err err;
    char *tab = strchr(line, '\t'), *second = tab ? strchr(tab + 1, '\t') : NULL;
    if (!second) {
        test_failed(__FILE__, __LINE__, "no line of filters.txt: %s", line);
        return;
    }
    *tab = *second = '\0';
    u32 n = read_program(second + 1, theirs);
    const char *why = cbpf_check(theirs, n);
    if (why)
        test_failed(__FILE__, __LINE__, "%s: tcpdump's program is refused: %s", line, why);
    int status = pcap_compile(&ours, line, 262144, false, &err);
    if (status)
        test_failed(__FILE__, __LINE__, "%s: column %u: %s (%d)", line, err.col, err.msg, status);
    else if (!why)
        compare(line, tab + 1, theirs, &ours);
    pcap_filter_free(&ours);
}

TEST(pcap_filters_agree_with_tcpdump)
{
    FILE *f = fopen("tests/tcpdump/filters.txt", "r");
    char *line = malloc(LINE_MOST);
    struct cbpf_insn *theirs = calloc(CBPF_MOST, sizeof(*theirs));
    u32 lines = 0;
    CHECK(f && line && theirs);
    if (f && packets_read(&all)) {
        for (; fgets(line, LINE_MOST, f); lines++)
            check_line(line, theirs);
        CHECK_LE(200, lines);
        CHECK_LE(150, all.n);
        packets_free(&all);
    }
    if (f)
        fclose(f);
    free(line);
    free(theirs);
}

/* The same program wherever the bytes lie: a view of few linear bytes, the rest by `read`. */
static bool read_rest(const struct cbpf_view *v, u32 off, void *to, u32 n)
{
    memcpy(to, (const u8 *)v->arg + off, n);
    return true;
}

TEST(pcap_filters_see_pieces)
{
    static const char *const few[] = {"tcp port 80", "ip[2:2] > 100", "host 10.0.0.1", "udp[8:2] = 0x1234",
                                      "vlan and ip"};
    struct pcap_err err;
    if (!packets_read(&all))
        return;
    for (size_t e = 0; e < ARRAY_LEN(few); e++) {
        struct pcap_filter f;
        CHECK_EQ(pcap_compile(&f, few[e], 96, false, &err), 0);
        for (u32 i = 0; i < all.n; i++)
            for (u32 linear = 0; linear < 40; linear += 3) {
                struct cbpf_view whole, cut;
                packets_view(&all, i, &whole);
                cut = whole;
                cut.arg = whole.p;
                cut.read = read_rest;
                cut.linear = min(linear, whole.there);
                CHECK_EQ(cbpf_run(f.insn, &cut), cbpf_run(f.insn, &whole));
            }
        pcap_filter_free(&f);
    }
    packets_free(&all);
}

static void print(const char *expression, char *to, size_t size)
{
    struct pcap_filter f;
    struct pcap_err err;
    struct out_mem m;
    out_mem_init(&m, to, size, false);
    CHECK_EQ(pcap_compile(&f, expression, 262144, false, &err), 0);
    cbpf_print(&m.out, f.insn, f.n, CBPF_READABLE);
    pcap_filter_free(&f);
}

TEST(pcap_filter_printed)
{
    char text[2000];
    print("", text, sizeof(text));
    CHECK_STR(text, "(000) ret      #262144\n");
    print("arp", text, sizeof(text));
    CHECK_STR(text, "(000) ldh      [12]\n"
                    "(001) jeq      #0x806           jt 2\tjf 3\n"
                    "(002) ret      #262144\n"
                    "(003) ret      #0\n");
    print("tcp[tcpflags] & tcp-syn != 0", text, sizeof(text));
    CHECK(strstr(text, "ldxb     4*([14]&0xf)\n") != NULL);
    CHECK(strstr(text, "ldb      [x + 27]\n") != NULL);
    CHECK(strstr(text, "jset     #0x2 ") != NULL);
}

/* What leads past 255 instructions goes by way of a ja. */
TEST(pcap_filter_far_jumps)
{
    static char text[PCAP_TEXT_MOST];
    struct pcap_filter f;
    struct pcap_err err;
    str_copy(text, sizeof(text), "port 1");
    for (u32 i = 2; i < 50; i++) {
        char more[16];
        snprintf(more, sizeof(more), " or %u", i * 100);
        str_append(text, sizeof(text), more);
    }
    CHECK_EQ(pcap_compile(&f, text, 262144, false, &err), 0);
    CHECK_STR(err.msg, "");
    CHECK_LE(1000, f.n);
    if (f.n && packets_read(&all)) {
        u32 matched = 0;
        for (u32 i = 0; i < all.n; i++) {
            struct cbpf_view v;
            packets_view(&all, i, &v);
            matched += cbpf_run(f.insn, &v) != 0;
        }
        struct pcap_filter same;
        CHECK_EQ(pcap_compile(&same, "portrange 1-1 or port 1000 or 2000", 262144, false, &err), 0);
        u32 want = 0;
        for (u32 i = 0; i < all.n; i++) {
            struct cbpf_view v;
            packets_view(&all, i, &v);
            want += cbpf_run(same.insn, &v) != 0;
        }
        CHECK_EQ(matched, want);
        CHECK_NE(want, 0);
        pcap_filter_free(&same);
        packets_free(&all);
    }
    pcap_filter_free(&f);
}

static const struct {
    const char *text;
    u32 col;
    const char *msg;
} refused[] = {
    {"port", 4, "an address, a number or a name is wanted here"},
    {"tcp or 443", 7, "what is it: host, net, port, portrange or proto?"},
    {"10.0.0.1", 0, "what is it: host, net, port, portrange or proto?"},
    {"tcp 80", 4, "what is it of tcp: host, net, port, portrange or proto?"},
    {"port 70000", 5, "illegal port number 70000 > 65535"},
    {"port frob", 5, "unknown port 'frob'"},
    {"udp port ssh", 9, "port 'ssh' is tcp"},
    {"host frob", 5, "unknown host 'frob': names are not resolved here, an address is wanted"},
    {"net 10.0.0.1/8", 4, "non-network bits set: the mask does not cover the address"},
    {"host 10.0.0.0/8", 14, "Mask syntax for networks only: \"net\" is wanted before the address"},
    {"net 10.0.0.0/33", 13, "a mask length of 0..32 is wanted here"},
    {"tcp host 10.0.0.1", 9, "'tcp' modifier applied to host"},
    {"icmp port 5", 10, "illegal qualifier of 'port': tcp, udp and sctp have ports, icmp has none"},
    {"ether host 10.0.0.1", 11, "a MAC address is wanted behind \"ether\", as in 02:00:5e:10:00:01"},
    {"host 02:00:5e:10:00:01", 5, "ethernet address used in non-ether expression: \"ether host\" is wanted before it"},
    {"tcp and", 7, "the expression ends here too early"},
    {"tcp udp", 4, "\"and\" or \"or\" is wanted here, or the end"},
    {"(tcp", 4, "\")\" is wanted here"},
    {"tcp)", 3, "\"and\" or \"or\" is wanted here, or the end"},
    {"tcp[13", 6, "\"]\" is wanted here"},
    {"tcp[13:3] = 1", 7, "data size must be 1, 2, or 4"},
    {"tcp[13]", 7, "a comparison is wanted here: = != < <= > >="},
    {"ip[0] / 0 = 1", 10, "division by zero"},
    {"ip[0] << 32 = 1", 12, "shift by more than 31 bits"},
    {"stp[0] = 1", 0, "bytes of stp cannot be asked for"},
    {"ip[0xffffffff] = 1", 13, "no packet is so long"},
    {"vlan 4096", 5, "VLAN tag 4096 greater than maximum 4095"},
    {"inbound", 0, "inbound/outbound not supported on Ethernet when reading savefiles"},
    {"mpls 5", 0, "\"mpls\" is of the filter language, but not of Weir's"},
    {"ip broadcast", 12, "netmask not known, so 'ip broadcast' not supported; \"ether broadcast\" is"},
    {"host 10.0.0.256", 5, "an IPv4 address has 4 numbers at most, each 0..255"},
    {"ip proto 300", 9, "a protocol's number is at most 255"},
    {"src proto 6", 10, "direction applied to 'proto'"},
    {"len > 4294967296", 6, "a number has 32 bits at most"},
    {"tcp & port", 4, "\"and\" or \"or\" is wanted here, or the end"},
    {"host #", 5, "this character means nothing here"},
    {"ether", 5, "\"ether\" wants something behind it: \"ether host\", \"ether proto\" ..."},
};

TEST(pcap_filter_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct pcap_filter f;
        struct pcap_err err;
        CHECK_EQ(pcap_compile(&f, refused[i].text, 262144, false, &err), -EINVAL);
        if (err.col != refused[i].col || !str_eq(err.msg, refused[i].msg))
            test_failed(__FILE__, __LINE__, "%s: %u: %s", refused[i].text, err.col, err.msg);
        CHECK(!f.insn);
    }
}

/* Depth is bounded, and so is size; chains are as long as they like. */
TEST(pcap_filter_bounds)
{
    static char text[2 * PCAP_TEXT_MOST];
    struct pcap_filter f;
    struct pcap_err err;
    CHECK_EQ(pcap_compile(&f, "((((((((((((((((((((tcp))))))))))))))))))))", 1, false, &err), 0);
    pcap_filter_free(&f);
    CHECK_EQ(pcap_compile(&f, "(((((((((((((((((((((tcp)))))))))))))))))))))", 1, false, &err), -EINVAL);
    CHECK_STR(err.msg, "more than 20 levels within each other");
    memset(text, '(', 1000);
    CHECK_EQ(pcap_compile(&f, text, 1, false, &err), -EINVAL);
    memset(text, 'a', PCAP_TEXT_MOST + 1);
    CHECK_EQ(pcap_compile(&f, text, 1, false, &err), -EINVAL);
    memset(text, 0, sizeof(text));
    for (u32 i = 0; i < 900; i++)
        str_append(text, sizeof(text), i ? " or ip" : "ip");
    CHECK_EQ(pcap_compile(&f, text, 1, false, &err), 0);
    pcap_filter_free(&f);
    memset(text, 0, sizeof(text));
    for (u32 i = 0; i < 500; i++)
        str_append(text, sizeof(text), i ? " or port 5" : "port 5");
    CHECK_EQ(pcap_compile(&f, text, 1, false, &err), -EINVAL);
    CHECK_STR(err.msg, "the expression makes more than 4096 instructions");
}

TEST(pcap_filter_live)
{
    struct pcap_filter in, out;
    struct pcap_err err;
    struct cbpf_view v = {.pkttype = CBPF_OUTGOING};
    CHECK_EQ(pcap_compile(&in, "inbound", 1, true, &err), 0);
    CHECK_EQ(pcap_compile(&out, "outbound", 1, true, &err), 0);
    CHECK_EQ(cbpf_run(in.insn, &v), 0);
    CHECK_EQ(cbpf_run(out.insn, &v), 1);
    v.pkttype = CBPF_HOST;
    CHECK_EQ(cbpf_run(in.insn, &v), 1);
    CHECK_EQ(cbpf_run(out.insn, &v), 0);
    pcap_filter_free(&in);
    pcap_filter_free(&out);
}
