/* NTP as text (RFC 5905 7.3; control messages: RFC 9327).
 *
 * Short: version, mode, length. Long: all that a server says of its clock. Times are seconds since 1900, with 32 bits
 * of fraction; how long a packet was on its way each side reads from the differences, which stand last. Delays have 16
 * bits of fraction.
 */
#include "lib/date.h"
#include "net/dev/tcpdump/dump.h"

#define NTP_HLEN  48u
#define UNIX_1900 2208988800ll /* seconds from there to 1970 */

enum { CONTROL = 6, PRIVATE = 7 };

static u32 nanoseconds(u32 fraction)
{
    return (u32)((u64)fraction * 1000000000u >> 32);
}

static void print_short(struct dump *d, const char *name, u32 v)
{
    dump_text(d, "%s: %u.%06u, ", name, v >> 16, (v & 0xffff) * 15625u >> 10);
}

static void print_time(struct dump *d, const u8 *p)
{
    u32 seconds = load_be32(p);
    struct date t;
    dump_text(d, "%u.%09u", seconds, nanoseconds(load_be32(p + 4)));
    if (!seconds)
        return;
    date_from_unix(&t, (i64)seconds - UNIX_1900);
    dump_text(d, " (%04d-%02u-%02uT%02u:%02u:%02uZ)", (int)t.year, t.month, t.day, t.hour, t.minute, t.second);
}

/* By how much later than the originator's; without that, the time itself. */
static void print_since(struct dump *d, const u8 *originator, const u8 *p)
{
    u64 from = load_be64(originator), to = load_be64(p), by = to >= from ? to - from : from - to;
    if (!from)
        print_time(d, p);
    else
        dump_text(d, "%s%u.%09u", to > from ? "+" : "-", (u32)(by >> 32), nanoseconds((u32)by));
}

static void print_reference(struct dump *d, u8 stratum, const u8 *p)
{
    dump_text(d, "Reference-ID: ");
    if (stratum == 0)
        dump_text(d, "(unspec)");
    else if (stratum == 1)
        dump_string(d, p, 4);
    else
        dump_text(d, "0x%08x", load_be32(p));
}

static void print_poll(struct dump *d, i8 poll)
{
    if (poll >= 0)
        dump_text(d, ", poll %d (%us)", poll, poll < 32 ? 1u << poll : 0u);
    else
        dump_text(d, ", poll %d (1/%us)", poll, poll > -32 ? 1u << -poll : 0u);
}

static void print_clock(struct dump *d, const struct span *s, const u8 *p)
{
    static const char *const names[] = {
        "Reference Timestamp:  ", "Originator Timestamp: ", "Receive Timestamp:    ", "Transmit Timestamp:   "};
    u8 stratum = p[1];
    dump_text(d, ", Stratum %u (%s)", stratum,
              stratum == 0   ? "unspecified"
              : stratum == 1 ? "primary reference"
              : stratum < 16 ? "secondary reference"
                             : "reserved");
    print_poll(d, (i8)p[2]);
    dump_text(d, ", precision %d\n\t", (i8)p[3]);
    print_short(d, "Root Delay", load_be32(p + 4));
    print_short(d, "Root dispersion", load_be32(p + 8));
    print_reference(d, stratum, p + 12);
    for (u32 i = 0; i < ARRAY_LEN(names); i++) {
        dump_text(d, "\n\t  %s", names[i]);
        print_time(d, p + 16 + 8 * i);
    }
    dump_text(d, "\n\t    Originator - Receive Timestamp:  ");
    print_since(d, p + 24, p + 32);
    dump_text(d, "\n\t    Originator - Transmit Timestamp: ");
    print_since(d, p + 24, p + 40);
    u32 more = s->len - NTP_HLEN;
    const u8 *key = span_need(s, NTP_HLEN, 20);
    if (more == 20 && key) {
        dump_text(d, "\n\tKey id: %u\n\tAuthentication: ", load_be32(key));
        for (u32 i = 4; i < 20; i++)
            dump_text(d, "%02x", key[i]);
    } else if (more) {
        dump_text(d, "\n\t(%u more bytes after the header)", more);
    }
}

static void print_control(struct dump *d, const u8 *p)
{
    dump_text(d, ", %s, %s, %s, OpCode=%u", p[1] & 0x80 ? "Response" : "Request", p[1] & 0x40 ? "Error" : "OK",
              p[1] & 0x20 ? "More" : "Last", p[1] & 0x1f);
    dump_text(d, "\n\tSequence=%u, Status=%s%x, Assoc.=%u, Offset=%u, Count=%u", load_be16(p + 2),
              load_be16(p + 4) ? "0x" : "", load_be16(p + 4), load_be16(p + 6), load_be16(p + 8), load_be16(p + 10));
}

static void print_detail(struct dump *d, const struct span *s)
{
    static const char *const leaps[] = {"", "+1s", "-1s", "clock unsynchronized"};
    u8 first = s->p[0], mode = first & 7;
    u32 least = mode == CONTROL ? 12 : NTP_HLEN;
    dump_text(d, "\n\tLeap indicator: %s (%u)", leaps[first >> 6], first & 0xc0);
    if (mode == PRIVATE)
        return;
    const u8 *p = span_need(s, 0, least);
    if (!p)
        dump_text(d, s->len < least ? " (invalid)" : " [|ntp]");
    else if (mode == CONTROL)
        print_control(d, p);
    else
        print_clock(d, s, p);
}

void dump_ntp(struct dump *d, const struct span *s)
{
    static const char *const modes[] = {"unspecified", "symmetric active", "symmetric passive", "Client",
                                        "Server",      "Broadcast",        "Control Message",   "Reserved"};
    const u8 *p = span_need(s, 0, 1);
    if (!p) {
        dump_text(d, "NTP [|ntp]");
        return;
    }
    dump_text(d, "NTPv%u, %s, length %u", *p >> 3 & 7, modes[*p & 7], s->len);
    if (d->form.verbose)
        print_detail(d, s);
}
