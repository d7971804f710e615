/* Lines of packets against Debian's tcpdump: tests/tcpdump/packets.pcap, and what tcpdump printed of it (lines-*.txt).
 *
 * What Weir prints otherwise stands in a list, by a word of tcpdump's text; each of the list must still differ. */
#include "net/dev/tcpdump/dump.h"

#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "tests/unit/net/bpf/packets.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT (1 << 17)

enum { PLAIN = 1, LINK = 2, LONG = 4, QUIET = 8, ALL = 15 };

static const struct {
    const char *word;
    unsigned forms;
    const char *why;
} other[] = {
    {"BGP", ALL & ~QUIET, "no printer for BGP"},
    {"mtrace response", ALL, "a type without a meaning for us"},
    {"CDPv0", ALL, "no printer for CDP"},
    {"packet not supported", ALL, "no printer for IS-IS"},
    {"Unnumbered, ui, Flags [Command], length 23", ALL, "no printer for NetBEUI"},
    {"00000000.00:00:00:00:00:00.0000", ALL, "no printer for IPX"},
    {"MPCP, Opcode", ALL, "no printer for MPCP"},
    {"skipCount", ALL, "no printer for loopback tests"},
    {"- 21 bytes missing!", ALL, "a header of less than 8 bytes is not looked into"},
    {"(group0:", LONG, "no table of a bootstrap message"},
    {"LSA", LONG, "OSPF's neighbourhoods, not its LSAs"},
    {"OSPFv4", LONG, "nothing of a version that is not known"},
    {"HTTP, length", LONG, "one line of HTTP, not all its headers"},
    {"[RST ", LONG, "what a reset says of its reason"},
    {"CIST root-id", LONG, "one line of several trees"},
    {"RR 0.0.0.0", LONG, "no addresses in options"},
    {"Organization specific", LONG, "nothing of what somebody's own item means"},
};

static const char *differs_for(const char *text, unsigned form)
{
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        if (other[i].forms & form && strstr(text, other[i].word))
            return other[i].why;
    return NULL;
}

static char *read_whole(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, TEXT);
    if (f && text)
        text[fread(text, 1, TEXT - 1, f)] = '\0';
    if (f)
        fclose(f);
    return text;
}

/* "22:13:20.000000 ": a line of a packet's own. */
static bool begins(const char *p)
{
    return strspn(p, "0123456789:") == 8 && p[2] == ':' && p[8] == '.';
}

/* Cuts the text of the first packet off: its lines, up to the next that begins one. */
static char *next_text(char **rest)
{
    char *start = *rest, *p = start;
    if (!*p)
        return NULL;
    do {
        p += strcspn(p, "\n");
        p += *p == '\n';
    } while (*p && !begins(p));
    *rest = p;
    return start;
}

static struct packets all;

static u64 stamp_of(u32 i)
{
    return (1700000000ull + i / 10) * NS_PER_S + i * 12345 % 1000000 * NS_PER_US;
}

static void compare(const char *path, const struct dump_form *form, unsigned which, const char *cooked)
{
    static char ours[TEXT], theirs[TEXT];
    struct out_mem m;
    struct dump d;
    char *text = read_whole(path), *rest = text;
    u32 same = 0;
    dump_init(&d, &m.out, form);
    for (u32 i = 0; i < all.n; i++) {
        struct dump_packet p = {all.packet[i].p, all.packet[i].kept, all.packet[i].len, stamp_of(i), cooked};
        const char *start = next_text(&rest);
        if (!start) {
            test_failed(__FILE__, __LINE__, "%s ends before packet %u", path, i);
            break;
        }
        str_copy_n(theirs, sizeof(theirs), start, (size_t)(rest - start));
        out_mem_init(&m, ours, sizeof(ours), false);
        dump_packet(&d, &p);
        const char *why = differs_for(theirs, which);
        bool equal = str_eq(ours, theirs);
        same += equal;
        if (equal && why)
            test_failed(__FILE__, __LINE__, "%s: packet %u is printed alike by now: %s", path, i, why);
        if (!equal && !why)
            test_failed(__FILE__, __LINE__, "%s: packet %u:\n  tcpdump: %s  Weir:    %s", path, i, theirs, ours);
    }
    CHECK(!*rest);
    CHECK_LE(all.n * 3 / 4, same);
    dump_exit(&d);
    free(text);
}

TEST(tcpdump_lines)
{
    if (!packets_read(&all))
        return;
    compare("tests/tcpdump/lines-plain.txt", &(struct dump_form){0}, PLAIN, NULL);
    compare("tests/tcpdump/lines-link.txt", &(struct dump_form){.link = true}, LINK, NULL);
    compare("tests/tcpdump/lines-v.txt", &(struct dump_form){.verbose = 1}, LONG, NULL);
    compare("tests/tcpdump/lines-quiet.txt", &(struct dump_form){.quiet = true}, QUIET, NULL);
    packets_free(&all);
}

TEST(tcpdump_cooked_lines)
{
    if (!packets_read_file(&all, "tests/tcpdump/cooked.pcap"))
        return;
    compare("tests/tcpdump/cooked-plain.txt", &(struct dump_form){0}, PLAIN, "?");
    compare("tests/tcpdump/cooked-link.txt", &(struct dump_form){.link = true}, LINK, "?");
    compare("tests/tcpdump/cooked-v.txt", &(struct dump_form){.verbose = 1}, LONG, "?");
    compare("tests/tcpdump/cooked-quiet.txt", &(struct dump_form){.quiet = true}, QUIET, "?");
    packets_free(&all);
}

static const u8 small[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 'W', 'e', 'i', 'r', '\r', '\n', 0x7f};

static void print(const struct dump_form *form, char *to, size_t size)
{
    struct out_mem m;
    struct dump d;
    struct dump_packet p = {small, sizeof(small), 60, 1700000001002003004ull, NULL};
    out_mem_init(&m, to, size, false);
    dump_init(&d, &m.out, form);
    dump_packet(&d, &p);
    dump_exit(&d);
}

TEST(tcpdump_bytes_and_times)
{
    char text[400];
    const char *head = "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype Unknown (0x88b5), length 60: ";
    char want[400];
    print(&(struct dump_form){.time = 1}, text, sizeof(text));
    snprintf(want, sizeof(want), "%s\n\t0x0000:  5765 6972 0d0a 7f                        Weir...\n", head);
    CHECK_STR(text, want);
    print(&(struct dump_form){.time = 2, .hex = 1}, text, sizeof(text));
    snprintf(want, sizeof(want), "1700000001.002003 %s\n\t0x0000:  5765 6972 0d0a 7f\n", head);
    CHECK_STR(text, want);
    print(&(struct dump_form){.time = 3, .hex = 2}, text, sizeof(text));
    snprintf(want, sizeof(want),
             " 00:00:00.000000 %s\n\t0x0000:  0200 0000 0002 0200 0000 0001 88b5 5765\n\t0x0010:  6972 0d0a 7f\n",
             head);
    CHECK_STR(text, want);
    print(&(struct dump_form){.time = 4, .ascii = true}, text, sizeof(text));
    snprintf(want, sizeof(want),
             "2023-11-14 22:13:21.002003 %s\n\t0x0000:  5765 6972 0d0a 7f                        Weir...\nWeir\n.\n",
             head);
    CHECK_STR(text, want);
    print(&(struct dump_form){.time = 0, .text = 1, .quiet = true}, text, sizeof(text));
    CHECK(str_starts(text,
                     "22:13:21.002003 02:00:00:00:00:01 > 02:00:00:00:00:02, Unknown Ethertype (0x88b5), length 60: "));
}
