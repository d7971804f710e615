/* What the machine's interrupts and softirqs do, as files in Linux's layout.
 *
 *     /proc/interrupts   /proc/softirqs   /proc/stat
 *     /proc/irq/N/smp_affinity, smp_affinity_list                      read and written
 *     /proc/irq/N/effective_affinity, effective_affinity_list
 *
 * A file that is read while counts change may be of several moments.
 */
#include "kernel/irq.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/cpulist.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

typedef unsigned long long ull;

/* ---- /proc/interrupts ---- */

static void show_source(const struct irq_info *info, void *arg)
{
    struct out *o = arg;
    const char *gap = "  ";

    if (!info->shares)
        return;
    out_text(o, "%3d:", info->irq);
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        out_text(o, " %10u", info->count[cpu]);
    out_text(o, "  %8s %3u-%-8s", info->chip, info->irq < IRQ_MSI ? info->pin : (unsigned)(info->irq - IRQ_MSI),
             info->level ? "fasteoi" : "edge");
    for (unsigned i = 0; i < info->shares; i++, gap = ", ")
        out_text(o, "%s%s", gap, info->names[i]);
    out_text(o, "\n");
}

static int interrupts_show(struct file_req *r)
{
    out_text(r->out, "%*s", 11, "");
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        out_text(r->out, "CPU%-8u", cpu);
    out_text(r->out, "\n");
    irq_walk(show_source, r->out);
    for (int what = 0; what < IRQ_LOCALS; what++) {
        out_text(r->out, "%3s:", irq_local_short[what]);
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            out_text(r->out, " %10llu", (ull)irq_local_count((enum irq_local)what, cpu));
        out_text(r->out, "   %s\n", irq_local_long[what]);
    }
    return 0;
}
FILE_VIEW(interrupts, .path = "/proc/interrupts", .show = interrupts_show);

/* ---- /proc/softirqs ---- */

static int softirqs_show(struct file_req *r)
{
    out_text(r->out, "                    ");
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        out_text(r->out, "CPU%-8u", cpu);
    out_text(r->out, "\n");
    for (int nr = 0; nr < SOFTIRQ_COUNT; nr++) {
        out_text(r->out, "%12s:", softirq_name[nr]);
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            out_text(r->out, " %10llu", (ull)softirq_count((enum softirq)nr, cpu));
        out_text(r->out, "\n");
    }
    return 0;
}
FILE_VIEW(softirqs, .path = "/proc/softirqs", .show = softirqs_show);

/* ---- /proc/stat: a hundredth of a second is the unit ---- */

static void show_cpu_line(struct out *o, const char *name, const u64 ns[TIME_USES])
{
    const u64 tick = 10 * NS_PER_MS;

    out_text(o, "%s %llu 0 0 %llu 0 %llu %llu 0 0 0\n", name, (ull)(ns[TIME_USE_TASK] / tick),
             (ull)(ns[TIME_USE_IDLE] / tick), (ull)(ns[TIME_USE_IRQ] / tick), (ull)(ns[TIME_USE_SOFTIRQ] / tick));
}

struct task_sums {
    u64 started, switches;
    u32 running;
};

static void add_task(const struct task_info *info, void *arg)
{
    struct task_sums *s = arg;

    s->started = max(s->started, (u64)info->id); /* numbers are given in order and never again */
    s->switches += info->switches;
    s->running += !info->idle && info->state <= TASK_RUNNING;
}

static void show_irq_counts(const struct irq_info *info, void *arg)
{
    u64 sum = 0;

    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        sum += info->count[cpu];
    out_text(arg, " %llu", (ull)sum);
}

static int stat_show(struct file_req *r)
{
    u64 ns[TIME_USES], all[TIME_USES] = {0}, irqs = 0, softirqs = 0;
    struct task_sums tasks = {0};
    char name[16];

    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        time_used(cpu, ns);
        for (int i = 0; i < TIME_USES; i++)
            all[i] += ns[i];
        irqs += irq_total(cpu);
        for (int nr = 0; nr < SOFTIRQ_COUNT; nr++)
            softirqs += softirq_count((enum softirq)nr, cpu);
    }
    show_cpu_line(r->out, "cpu ", all);
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        time_used(cpu, ns);
        fmt(name, sizeof(name), "cpu%u", cpu);
        show_cpu_line(r->out, name, ns);
    }
    task_walk(add_task, &tasks);
    out_text(r->out, "intr %llu", (ull)irqs);
    irq_walk(show_irq_counts, r->out);
    out_text(r->out, "\nctxt %llu\nbtime %llu\nprocesses %llu\nprocs_running %u\nprocs_blocked 0\nsoftirq %llu",
             (ull)tasks.switches, (ull)((wall_ns() - clock_ns()) / NS_PER_S), (ull)tasks.started, tasks.running,
             (ull)softirqs);
    for (int nr = 0; nr < SOFTIRQ_COUNT; nr++) {
        u64 sum = 0;
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
            sum += softirq_count((enum softirq)nr, cpu);
        out_text(r->out, " %llu", (ull)sum);
    }
    out_text(r->out, "\n");
    return 0;
}
FILE_VIEW(stat, .path = "/proc/stat", .show = stat_show);

/* ---- /proc/irq/N/... ---- */

struct listing {
    void (*offer)(void *arg, const char *name);
    void *arg;
};

static void offer_source(const struct irq_info *info, void *arg)
{
    struct listing *l = arg;
    char name[16];

    if (!info->shares)
        return;
    fmt(name, sizeof(name), "%d", info->irq);
    l->offer(l->arg, name);
}

static void irq_list(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    struct listing l = {offer, arg};
    irq_walk(offer_source, &l);
}

static int irq_number(const char *s)
{
    int n = 0;

    for (const char *p = s; *p; p++) {
        if (!char_is_digit(*p) || n >= IRQ_MAX)
            return -ENOENT;
        n = n * 10 + (*p - '0');
    }
    return *s && n < IRQ_MAX ? n : -ENOENT;
}

static int affinity_show(struct file_req *r, bool list, bool effective)
{
    char text[CPULIST_TEXT];
    u64 cpus;
    int irq = irq_number(r->star[0]);
    int err = irq < 0 ? irq : irq_affinity_get(irq, &cpus);

    if (err)
        return err;
    if (effective) {
        int cpu = irq_effective_cpu(irq);
        if (cpu < 0)
            return cpu;
        cpus = 1ull << cpu;
    }
    cpus &= ~0ull >> (64 - cpu_count());
    if (list)
        cpulist_text(text, sizeof(text), cpus);
    else
        cpumask_text(text, sizeof(text), cpus, cpu_count());
    out_text(r->out, "%s\n", text);
    return 0;
}

static int affinity_store(struct file_req *r, bool list)
{
    u64 cpus, there = ~0ull >> (64 - cpu_count());
    int irq = irq_number(r->star[0]);
    int err = irq < 0 ? irq : list ? cpulist_parse(r->data, r->len, &cpus) : cpumask_parse(r->data, r->len, &cpus);

    if (err)
        return err == -ERANGE ? -EOVERFLOW : err;
    if (!(cpus & there)) /* as Linux: what names no CPU that is there is refused */
        return -EINVAL;
    return irq_affinity_choose(irq, cpus & there);
}

static void affinity_dump(struct out *o)
{
    char text[CPULIST_TEXT];
    u64 cpus;

    for (int irq = 0; irq < IRQ_MAX; irq++) {
        cpus = irq_affinity_chosen(irq);
        if (!cpus)
            continue;
        cpulist_text(text, sizeof(text), cpus & (~0ull >> (64 - cpu_count())));
        out_text(o, "echo %s > /proc/irq/%d/smp_affinity_list\n", text, irq);
    }
}

static int mask_show(struct file_req *r)
{
    return affinity_show(r, false, false);
}

static int list_show(struct file_req *r)
{
    return affinity_show(r, true, false);
}

static int effective_mask_show(struct file_req *r)
{
    return affinity_show(r, false, true);
}

static int effective_list_show(struct file_req *r)
{
    return affinity_show(r, true, true);
}

static int mask_store(struct file_req *r)
{
    return affinity_store(r, false);
}

static int list_store(struct file_req *r)
{
    return affinity_store(r, true);
}

FILE_VIEW(irq_mask, .path = "/proc/irq/*/smp_affinity", .show = mask_show, .store = mask_store, .list = irq_list);
FILE_VIEW(irq_cpus, .path = "/proc/irq/*/smp_affinity_list", .show = list_show, .store = list_store, .list = irq_list,
          .dump = affinity_dump);
FILE_VIEW(irq_mask_now, .path = "/proc/irq/*/effective_affinity", .show = effective_mask_show, .list = irq_list);
FILE_VIEW(irq_cpus_now, .path = "/proc/irq/*/effective_affinity_list", .show = effective_list_show, .list = irq_list);
