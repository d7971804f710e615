/* The network devices of `sar` (contract: device_use.h).
 *
 * They are read where sysstat reads them, in the text of /proc/net/dev, so that the kernel needs to know nothing of
 * what stands above it. Rates are those of the time between two looks, in hundredths.
 */
#include "kernel/device_use.h"

#include "kernel/cpu_use.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

enum {
    RX_BYTES = 0,
    RX_PACKETS = 1,
    RX_COMPRESSED = 6,
    RX_MULTICAST = 7,
    TX_BYTES = 8,
    TX_PACKETS = 9,
    TX_COMPRESSED = 15,
    FIELDS
};

struct device {
    char name[32];
    u64 count[FIELDS];
};

void device_use_head(struct out *o, const char *when)
{
    out_text(o, "%-11s     IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s   rxcmp/s   txcmp/s  rxmcst/s   %%ifutil\n",
             when);
}

static const char *number(const char *p, u64 *v)
{
    p += strspn(p, " ");
    for (*v = 0; *p >= '0' && *p <= '9'; p++)
        *v = *v * 10 + (u64)(*p - '0');
    return p;
}

/* The device in the first line from `p` on that has one; returns what is behind it, NULL: no more. */
static const char *next_device(const char *p, struct device *d)
{
    while (*p) {
        size_t line = strcspn(p, "\n"), n = strcspn(p, ":\n");
        const char *next = p + line + (p[line] == '\n');
        size_t blanks = strspn(p, " ");
        if (n < line && blanks < n) {
            str_copy_n(d->name, sizeof(d->name), p + blanks, n - blanks);
            const char *at = p + n + 1;
            for (int i = 0; i < FIELDS; i++)
                at = number(at, &d->count[i]);
            return next;
        }
        p = next;
    }
    return NULL;
}

static bool find_device(const char *p, const char *name, struct device *d)
{
    while ((p = next_device(p, d)))
        if (str_eq(d->name, name))
            return true;
    return false;
}

static u64 speed_mbit(struct net *net, const char *name)
{
    char path[96], *p;
    size_t n;
    u64 v = 0;

    fmt(path, sizeof(path), "/sys/class/net/%s/speed", name);
    if (file_load(net, path, 64, &p, &n))
        return 0;
    number(p, &v); /* "-1": nobody knows */
    mem_free(p);
    return v;
}

static void row(struct net *net, struct out *o, const char *when, const struct device *d, u64 ms)
{
    static const struct {
        u8 field, kib;
    } columns[] = {{RX_PACKETS, 0},    {TX_PACKETS, 0},    {RX_BYTES, 1},    {TX_BYTES, 1},
                   {RX_COMPRESSED, 0}, {TX_COMPRESSED, 0}, {RX_MULTICAST, 0}};
    u64 speed = speed_mbit(net, d->name), bytes = max(d->count[RX_BYTES], d->count[TX_BYTES]) * 1000 / ms;

    out_text(o, "%-11s %9s", when, d->name);
    for (unsigned i = 0; i < ARRAY_LEN(columns); i++) {
        out_text(o, " ");
        hundredths_put(o, 9, d->count[columns[i].field] * 100000 / ms / (columns[i].kib ? 1024 : 1));
    }
    out_text(o, " ");
    hundredths_put(o, 9, speed ? bytes * 8 / (speed * 100) : 0); /* full duplex: the busier way */
    out_text(o, "\n");
}

void device_use_rows(struct net *net, struct out *o, const char *when, const char *before, const char *after, u64 ns)
{
    struct device d, old;

    while ((after = next_device(after, &d))) {
        bool known = find_device(before, d.name, &old);
        for (int i = 0; i < FIELDS; i++)
            d.count[i] -= known && old.count[i] <= d.count[i] ? old.count[i] : 0;
        row(net, o, when, &d, max(ns / NS_PER_MS, (u64)1));
    }
}
