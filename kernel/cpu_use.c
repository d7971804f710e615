/* Shares of CPU time: differences of counters to hundredths of a percent, and mpstat's columns. Pure. */
#include "kernel/cpu_use.h"
#include "lib/fmt.h"

#define WHOLE 10000u

static u32 share(u64 part, u64 all)
{
    while (all > ~0ull / WHOLE / 2) { /* so that the product fits */
        part >>= 1;
        all >>= 1;
    }
    return (u32)((part * WHOLE + all / 2) / all);
}

struct cpu_share cpu_share_of(const u64 before[4], const u64 after[4])
{
    u64 d[4], all = 0;

    for (int i = 0; i < 4; i++) {
        d[i] = after[i] > before[i] ? after[i] - before[i] : 0;
        all += d[i];
    }
    if (!all)
        return (struct cpu_share){.idle = WHOLE};
    return (struct cpu_share){share(d[0], all), share(d[1], all), share(d[2], all), share(d[3], all)};
}

void hundredths_put(struct out *o, unsigned width, u64 v)
{
    char text[32];

    fmt(text, sizeof(text), "%llu.%02llu", (unsigned long long)(v / 100), (unsigned long long)(v % 100));
    out_text(o, "%*s", (int)width, text);
}

void cpu_share_head(struct out *o, const char *when)
{
    out_text(o,
             "%-11s  CPU    %%usr   %%nice    %%sys %%iowait    %%irq   %%soft  %%steal  %%guest  %%gnice   %%idle\n",
             when);
}

void cpu_share_row(struct out *o, const char *when, const char *cpu, struct cpu_share s)
{
    const u32 columns[] = {s.task, 0, 0, 0, s.irq, s.softirq, 0, 0, 0, s.idle};

    out_text(o, "%-11s %4s", when, cpu);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        hundredths_put(o, 8, columns[i]);
    out_text(o, "\n");
}
