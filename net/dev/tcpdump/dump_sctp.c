/* SCTP as text (RFC 9260): a packet's chunks, numbered, each with what it says first.
 *
 *     10.0.0.1.5000 > 10.0.0.2.6000: sctp (1) [COOKIE ACK] , (2) [DATA] (B)(E) [TSN: 7] [SID: 1] [SSEQ 2] [PPID 0x2e]
 *
 * A chunk's length counts its head of four bytes; the next one begins at a multiple of four.
 */
#include "net/dev/tcpdump/dump.h"

#define SCTP_HLEN  12u
#define CHUNK_HLEN 4u

enum { DATA, INIT, INIT_ACK, SACK, HB, HB_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK, ERROR, COOKIE_ECHO, COOKIE_ACK };

static const char *chunk_name(u8 type)
{
    static const char *const names[] = {"DATA",        "INIT",       "INIT ACK", "SACK",         "HB REQ",
                                        "HB ACK",      "ABORT",      "SHUTDOWN", "SHUTDOWN ACK", "OP ERR",
                                        "COOKIE ECHO", "COOKIE ACK", "ECN ECHO", "ECN CWR",      "SHUTDOWN COMPLETE"};
    return type < ARRAY_LEN(names) ? names[type] : NULL;
}

static void data(struct dump *d, const struct span *s, u8 flags)
{
    const u8 *p = span_need(s, CHUNK_HLEN, 12);
    if (!p) {
        dump_text(d, "[|sctp]");
        return;
    }
    dump_text(d, "%s%s%s ", flags & 4 ? "(U)" : "", flags & 2 ? "(B)" : "", flags & 1 ? "(E)" : "");
    dump_text(d, "[TSN: %u] [SID: %u] [SSEQ %u] [PPID 0x%x] ", load_be32(p), load_be16(p + 4), load_be16(p + 6),
              load_be32(p + 8));
}

static void init(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, CHUNK_HLEN, 16);
    if (p)
        dump_text(d, "[init tag: %u] [rwnd: %u] [OS: %u] [MIS: %u] [init TSN: %u] ", load_be32(p), load_be32(p + 4),
                  load_be16(p + 8), load_be16(p + 10), load_be32(p + 12));
    else
        dump_text(d, "[|sctp]");
}

static void sack(struct dump *d, const struct span *s)
{
    const u8 *p = span_need(s, CHUNK_HLEN, 12);
    if (!p) {
        dump_text(d, "[|sctp]");
        return;
    }
    u32 acked = load_be32(p), gaps = load_be16(p + 8), dups = load_be16(p + 10), at = CHUNK_HLEN + 12;
    dump_text(d, "[cum ack %u] [a_rwnd %u] [#gap acks %u] [#dup tsns %u] ", acked, load_be32(p + 4), gaps, dups);
    for (u32 i = 1; i <= gaps && (p = span_need(s, at, 4)); i++, at += 4)
        dump_text(d, "\n\t\t[gap ack block #%u: start = %u, end = %u] ", i, acked + load_be16(p),
                  acked + load_be16(p + 2));
    for (u32 i = 1; i <= dups && (p = span_need(s, at, 4)); i++, at += 4)
        dump_text(d, "\n\t\t[dup TSN #%u: %u] ", i, load_be32(p));
}

static void chunk(struct dump *d, const struct span *s)
{
    u8 type = s->p[0];
    const char *name = chunk_name(type);
    if (name)
        dump_text(d, "[%s] ", name);
    else
        dump_text(d, "[Unknown chunk type: 0x%x] ", type);
    if (type == DATA)
        data(d, s, s->p[1]);
    else if (type == INIT || type == INIT_ACK)
        init(d, s);
    else if (type == SACK)
        sack(d, s);
}

void dump_sctp(struct dump *d, const struct dump_ends *e, const struct span *s)
{
    const u8 *p = span_need(s, 0, SCTP_HLEN);
    if (s->len < SCTP_HLEN) {
        dump_text(d, "truncated-sctp - %u bytes missing!", SCTP_HLEN - s->len);
        return;
    }
    if (!p) {
        dump_text(d, " [|sctp]");
        return;
    }
    dump_ends_ports(d, e, load_be16(p), load_be16(p + 2));
    dump_text(d, "sctp");
    for (u32 at = SCTP_HLEN, n = 1; at < s->len; n++) {
        p = span_need(s, at, CHUNK_HLEN);
        u32 len = p ? load_be16(p + 2) : 0;
        if (p && len < CHUNK_HLEN) {
            dump_text(d, "%s (%u) [Bad chunk length %u, < size of chunk descriptor]", n > 1 ? "," : "", n, len);
            return;
        }
        if (!p || !span_need(s, at, len)) {
            dump_text(d, " [|sctp]");
            return;
        }
        dump_text(d, "%s (%u) ", n > 1 ? "," : "", n);
        struct span one = span_behind(s, at);
        one = span_first(&one, len);
        chunk(d, &one);
        at += (len + 3) & ~3u;
    }
}
