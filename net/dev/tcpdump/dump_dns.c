/* DNS in one line (RFC 1035 4).
 *
 *     4660+ A? example.com. (29)              a query: id, + recursion is wanted, the questions, the message's length
 *     4660 1/0/0 A 93.184.216.34 (45)         an answer: records of three kinds, and the first kind's
 *
 * A name's pointers may lead anywhere before them; each must lead further back than the one before, so a name ends.
 */
#include "lib/string.h"
#include "net/dev/tcpdump/dump.h"

#define DNS_HLEN   12u
#define NAME_MOST  255u
#define SHOWN_MOST 64u /* answers of one packet that are printed */

static const struct {
    u16 type;
    const char *name;
} types[] = {
    {1, "A"},     {2, "NS"},     {5, "CNAME"},  {6, "SOA"},   {12, "PTR"},    {13, "HINFO"},
    {15, "MX"},   {16, "TXT"},   {28, "AAAA"},  {33, "SRV"},  {35, "NAPTR"},  {39, "DNAME"},
    {41, "OPT"},  {43, "DS"},    {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"}, {52, "TLSA"},
    {64, "SVCB"}, {65, "HTTPS"}, {252, "AXFR"}, {255, "ANY"}, {257, "CAA"},
};

static void print_type(struct dump *d, u16 type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].type == type) {
            dump_text(d, "%s", types[i].name);
            return;
        }
    dump_text(d, "Type%u", type);
}

/* The place behind the name at `at`; 0: it makes no sense. Prints it, unless told not to. */
static u32 name(struct dump *d, const struct span *s, u32 at, bool print)
{
    u32 behind = 0, least = at, printed = 0;
    for (;;) {
        const u8 *p = span_need(s, at, 1);
        if (!p)
            return 0;
        if (*p >= 0xc0) { /* a pointer */
            if (!span_need(s, at, 2))
                return 0;
            u32 to = load_be16(p) & 0x3fff;
            behind = behind ? behind : at + 2;
            if (to >= least)
                return 0;
            at = least = to;
            continue;
        }
        u32 n = *p;
        if (!n)
            break;
        if (n > 63 || !span_need(s, at + 1, n) || (printed += n + 1) > NAME_MOST)
            return 0;
        if (print) {
            dump_string(d, p + 1, n);
            dump_text(d, ".");
        }
        at += n + 1;
    }
    if (print && !printed)
        dump_text(d, ".");
    return behind ? behind : at + 1;
}

static void print_texts(struct dump *d, const u8 *p, u32 n)
{
    for (u32 at = 0; at < n && p[at] < n - at; at += 1u + p[at]) {
        dump_text(d, " \"");
        dump_string(d, p + at + 1, p[at]);
        dump_text(d, "\"");
    }
}

/* n bytes at `at`, which are there. */
static void print_data(struct dump *d, const struct span *s, u16 type, u32 at, u32 n)
{
    const u8 *p = s->p + at;
    if (type == 1 && n == 4) {
        struct ipaddr a = ipaddr_of4(p[0], p[1], p[2], p[3]);
        dump_text(d, " %pI", &a);
    } else if (type == 28 && n == 16) {
        dump_text(d, " %pI", (const struct ipaddr *)p);
    } else if (type == 2 || type == 5 || type == 12 || type == 39) {
        dump_text(d, " ");
        name(d, s, at, true);
    } else if (type == 15 && n > 2) {
        dump_text(d, " ");
        name(d, s, at + 2, true);
        dump_text(d, " %u", load_be16(p));
    } else if (type == 33 && n > 6) {
        dump_text(d, " ");
        name(d, s, at + 6, true);
        dump_text(d, ":%u %u %u", load_be16(p + 4), load_be16(p), load_be16(p + 2));
    } else if (type == 16) {
        print_texts(d, p, n);
    }
}

/* The place behind the record at `at`; 0: cut. */
static u32 record(struct dump *d, const struct span *s, u32 at)
{
    if (d->form.verbose)
        dump_text(d, " ");
    at = name(d, s, at, d->form.verbose);
    if (!at || !span_need(s, at, 10))
        return 0;
    u32 n = load_be16(s->p + at + 8);
    dump_text(d, " ");
    print_type(d, load_be16(s->p + at));
    if (!span_need(s, at + 10, n))
        return 0;
    print_data(d, s, load_be16(s->p + at), at + 10, n);
    return at + 10 + n;
}

static const char *response_code(u32 code)
{
    static const char *const names[] = {"",          " FormErr", " ServFail", " NXDomain", " NotImp", " Refused",
                                        " YXDomain", " YXRRSet", " NXRRSet",  " NotAuth",  " NotZone"};
    return code < ARRAY_LEN(names) ? names[code] : " Resp";
}

static const char *operation(u32 op)
{
    static const char *const names[] = {"", " inv_q", " stat", " op3", " notify", " update"};
    return op < ARRAY_LEN(names) ? names[op] : " op";
}

/* Questions from `at` on, printed or passed over; where they end. 0: cut. */
static u32 questions(struct dump *d, const struct span *s, u32 count, bool print)
{
    u32 at = DNS_HLEN;
    for (u32 i = 0; i < count && at; i++) {
        u32 behind = name(d, s, at, false);
        const u8 *p = behind ? span_need(s, behind, 4) : NULL;
        if (!p)
            return 0;
        if (print) {
            dump_text(d, " ");
            print_type(d, load_be16(p));
            dump_text(d, "? ");
            name(d, s, at, true);
        }
        at = behind + 4;
    }
    return at;
}

static bool answer(struct dump *d, const struct span *s, const u8 *h)
{
    u32 flags = load_be16(h + 2), count = load_be16(h + 6);
    dump_text(d, "%u%s%s%s%s%s%s %u/%u/%u", load_be16(h), operation(flags >> 11 & 15), response_code(flags & 15),
              flags & 0x0400 ? "*" : "", flags & 0x0080 ? "" : "-", flags & 0x0200 ? "|" : "",
              flags & 0x0020 ? "$" : "", count, load_be16(h + 8), load_be16(h + 10));
    u32 at = questions(d, s, load_be16(h + 4), false);
    for (u32 i = 0; i < count && i < SHOWN_MOST && at; i++) {
        dump_text(d, "%s", i ? "," : "");
        at = record(d, s, at);
    }
    return at;
}

static bool query(struct dump *d, const struct span *s, const u8 *h)
{
    static const char *const kinds[] = {"q", "a", "n", "au"};
    u32 flags = load_be16(h + 2);
    dump_text(d, "%u%s%s%s", load_be16(h), operation(flags >> 11 & 15), flags & 0x0100 ? "+" : "",
              flags & 0x0010 ? "%" : "");
    for (u32 i = 0; i < 4; i++) {
        u32 count = load_be16(h + 4 + 2 * i);
        if (count != (i == 0))
            dump_text(d, " [%u%s]", count, kinds[i]);
    }
    return questions(d, s, load_be16(h + 4), true);
}

void dump_dns(struct dump *d, const struct span *s)
{
    const u8 *h = span_need(s, 0, DNS_HLEN);
    bool whole = h && (load_be16(h + 2) & 0x8000 ? answer(d, s, h) : query(d, s, h));
    if (whole)
        dump_text(d, " (%u)", s->len);
    else
        dump_text(d, " [|domain]");
}
