/* mpstat and sar, in sysstat's form: where the CPUs' time goes, over intervals.
 *
 *     mpstat                       since boot
 *     mpstat -P ALL 1 3            three times a second, each CPU, then the averages
 *     sar -u | -q | -r | -n DEV  [INTERVAL [COUNT]]
 *
 * Without a count it goes on until Ctrl-C, and then prints the averages. There is no record on disk: sar without an
 * interval is refused.
 */
#include "kernel/cpu_use.h"
#include "kernel/device_use.h"
#include "kernel/page.h"
#include "kernel/time.h"
#include "lib/cmd.h"
#include "lib/cpulist.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/sysctl.h"

struct look { /* at all CPUs; the last entry is their sum */
    u64 ns[CPU_MAX + 1][TIME_USES];
    u64 at_ns;     /* sar -n DEV: when it was, and /proc/net/dev then */
    char *devices; /* to be freed */
};

struct request {
    u64 cpus; /* to be shown one by one */
    bool all, json;
    u64 interval_ns, count; /* 0: once, since boot; for ever */
};

static_assert(TIME_USE_TASK == 0 && TIME_USE_SOFTIRQ == 1 && TIME_USE_IRQ == 2 && TIME_USE_IDLE == 3,
              "cpu_share_of has this order");

static void take_look(struct look *l)
{
    memset(l->ns[CPU_MAX], 0, sizeof(l->ns[CPU_MAX]));
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        time_used(cpu, l->ns[cpu]);
        for (int i = 0; i < TIME_USES; i++)
            l->ns[CPU_MAX][i] += l->ns[cpu][i];
    }
}

static void clock_text(char *p, size_t n)
{
    struct date d;

    date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
    fmt(p, n, "%02u:%02u:%02u", d.hour, d.minute, d.second);
}

static void head_line(struct out *o)
{
    struct date d;

    date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
    out_text(o, "Weir %s (", WEIR_VERSION);
    sysctl_get(NULL, "kernel.hostname", o);
    out_text(o, ") \t%02u/%02u/%04d \t_x86_64_\t(%u CPU)\n\n", d.month, d.day, d.year, cpu_count());
}

static void show(struct out *o, const struct request *q, const char *when, const struct look *a, const struct look *b)
{
    char name[8];

    if (q->all)
        cpu_share_row(o, when, "all", cpu_share_of(a->ns[CPU_MAX], b->ns[CPU_MAX]));
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        if (!(q->cpus >> cpu & 1))
            continue;
        fmt(name, sizeof(name), "%u", cpu);
        cpu_share_row(o, when, name, cpu_share_of(a->ns[cpu], b->ns[cpu]));
    }
}

/* The operands INTERVAL [COUNT]. */
static int read_interval(struct cmd_ctx *c, struct option_reader *o, u64 *interval_ns, u64 *count)
{
    u64 v;

    *interval_ns = *count = 0;
    if (o->at < c->argc) {
        if (!option_decimal(c->argv[o->at], &v) || !v || v > 86400)
            return cmd_usage(c, "\"%s\": an interval is 1..86400 seconds", c->argv[o->at]);
        *interval_ns = v * NS_PER_S;
        o->at++;
    }
    if (o->at < c->argc) {
        if (!option_decimal(c->argv[o->at], &v) || !v || v > 1000000000)
            return cmd_usage(c, "\"%s\": a count is 1 or more", c->argv[o->at]);
        *count = v;
        o->at++;
    }
    return o->at < c->argc ? cmd_usage(c, "\"%s\" is one word too many", c->argv[o->at]) : 0;
}

static int read_words(struct cmd_ctx *c, struct request *q, bool *help)
{
    struct option_reader o;
    int letter;

    *q = (struct request){.all = true};
    for (option_start(&o, c, "P:u"); (letter = option_next(&o)) > 0;) {
        if (letter == 'u')
            continue; /* the report that is printed anyway */
        if (str_eq(o.value, "ALL") || str_eq(o.value, "ON")) {
            q->cpus = ~0ull;
        } else if (cpulist_parse(o.value, strlen(o.value), &q->cpus) || !q->cpus ||
                   (cpu_count() < 64 && q->cpus >> cpu_count())) {
            return cmd_usage(c, "-P \"%s\": ALL, or CPUs as in 0-3,5; there are %u", o.value, cpu_count());
        } else {
            q->all = false;
        }
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    return read_interval(c, &o, &q->interval_ns, &q->count);
}

static void interval_head(struct out *o, const char *when)
{
    out_text(o, "\n");
    cpu_share_head(o, when);
}

/* As sysstat has it: the head tells when the interval began, the rows when it ended; a single row needs no head of its
 * own, neither in the next round nor for the averages. */
static int mpstat_rounds(struct cmd_ctx *c, const struct request *q, struct look *first, struct look *last,
                         struct look *now)
{
    bool one_row = q->all ? !q->cpus : !(q->cpus & (q->cpus - 1));
    char when[16];
    u64 next = clock_ns(), left = q->count;

    take_look(first);
    *last = *first;
    clock_text(when, sizeof(when));
    cpu_share_head(c->out, when);
    do {
        next += q->interval_ns;
        while (clock_ns() < next && !task_interrupted())
            task_sleep(next - clock_ns());
        if (task_interrupted())
            break;
        take_look(now);
        if (!one_row && left != q->count)
            interval_head(c->out, when);
        clock_text(when, sizeof(when));
        show(c->out, q, when, last, now);
        *last = *now;
        left--;
    } while (!out_failed(c->out) && left);
    if (!one_row)
        interval_head(c->out, "Average:");
    show(c->out, q, "Average:", first, last);
    return 0;
}

static int cmd_mpstat(struct cmd_ctx *c)
{
    struct request q;
    bool help = false;
    int status = read_words(c, &q, &help);
    struct look *looks;
    char when[16];

    if (status || help)
        return status;
    looks = mem_zalloc(3 * sizeof(*looks));
    if (!looks)
        return cmd_error(c, "no memory");
    head_line(c->out);
    if (q.interval_ns) {
        status = mpstat_rounds(c, &q, &looks[0], &looks[1], &looks[2]);
    } else {
        take_look(&looks[1]);
        clock_text(when, sizeof(when));
        cpu_share_head(c->out, when);
        show(c->out, &q, when, &looks[0], &looks[1]);
    }
    mem_free(looks);
    return status;
}

/* ---- sar ---- */

enum report { SAR_CPU, SAR_QUEUE, SAR_MEMORY, SAR_DEVICES };

static const char *const sar_heads[] = {
    "     CPU     %user     %nice   %system   %iowait    %steal     %idle",
    "   runq-sz  plist-sz   ldavg-1   ldavg-5  ldavg-15   blocked",
    " kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive   kbinact   kbdirty",
};

static void sar_cpu(struct out *o, const char *when, const struct look *a, const struct look *b)
{
    struct cpu_share s = cpu_share_of(a->ns[CPU_MAX], b->ns[CPU_MAX]);
    /* sar has no columns for interrupts: they are part of the system's */
    const u32 columns[] = {s.task, 0, s.softirq + s.irq, 0, 0, s.idle};

    out_text(o, "%-11s     all", when);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        hundredths_put(o, 10, columns[i]);
    out_text(o, "\n");
}

/* From /proc/loadavg: "0.00 0.01 0.05 1/25 117". */
static void sar_queue(struct cmd_ctx *c, const char *when)
{
    char *p, *word[5];
    size_t n;

    if (file_load(c->net, "/proc/loadavg", 256, &p, &n) != 0)
        return;
    unsigned words = 0;
    for (char *s = p; *s && words < 5;) {
        word[words++] = s;
        s += strcspn(s, " /\n");
        while (*s == ' ' || *s == '/' || *s == '\n')
            *s++ = 0;
    }
    if (words == 5)
        out_text(c->out, "%-11s %9s %9s %9s %9s %9s %9u\n", when, word[3], word[4], word[0], word[1], word[2], 0);
    mem_free(p);
}

static void sar_memory(struct out *o, const char *when)
{
    struct page_info info;

    page_info(&info);
    unsigned long long all = info.total * 4, left = info.free * 4;
    out_text(o, "%-11s %9llu %9llu %9llu", when, left, left, all - left);
    hundredths_put(o, 10, all ? (all - left) * 10000 / all : 0);
    for (int i = 0; i < 3; i++)
        out_text(o, " %9u", 0);
    hundredths_put(o, 10, 0);
    for (int i = 0; i < 3; i++)
        out_text(o, " %9u", 0);
    out_text(o, "\n");
}

static void sar_row(struct cmd_ctx *c, enum report r, const char *when, const struct look *a, const struct look *b)
{
    if (r == SAR_CPU)
        sar_cpu(c->out, when, a, b);
    else if (r == SAR_QUEUE)
        sar_queue(c, when);
    else if (r == SAR_MEMORY)
        sar_memory(c->out, when);
    else if (a->devices && b->devices)
        device_use_rows(c->net, c->out, when, a->devices, b->devices, b->at_ns - a->at_ns);
}

static void sar_head(struct cmd_ctx *c, enum report r, const char *when)
{
    if (r == SAR_DEVICES)
        device_use_head(c->out, when);
    else
        out_text(c->out, "%-11s%s\n", when, sar_heads[r]);
}

static int sar_words(struct cmd_ctx *c, enum report *r, u64 *interval_ns, u64 *count, bool *help)
{
    struct option_reader o;
    int letter;

    *r = SAR_CPU;
    for (option_start(&o, c, "uqrn:"); (letter = option_next(&o)) > 0;) {
        if (letter == 'n' && !str_eq(o.value, "DEV"))
            return cmd_usage(c, "-n \"%s\": only DEV is reported", o.value);
        *r = letter == 'n' ? SAR_DEVICES : letter == 'r' ? SAR_MEMORY : letter == 'q' ? SAR_QUEUE : SAR_CPU;
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    if (o.at == c->argc)
        return cmd_usage(c, "an interval is wanted: Weir keeps no record of the past");
    int status = read_interval(c, &o, interval_ns, count);
    if (!*count && !status)
        *count = ~0ull;
    return status;
}

static void sar_look(struct cmd_ctx *c, enum report r, struct look *l)
{
    size_t n;

    take_look(l);
    mem_free(l->devices);
    l->devices = NULL;
    l->at_ns = clock_ns();
    if (r == SAR_DEVICES)
        file_load(c->net, "/proc/net/dev", MIB, &l->devices, &n);
}

/* looks: the first, the last and room for the next. */
static void sar_rounds(struct cmd_ctx *c, enum report r, struct look *looks, u64 interval_ns, u64 count)
{
    u64 next = clock_ns();
    struct look *last = &looks[0], *now = &looks[1];
    char when[16];

    clock_text(when, sizeof(when));
    sar_head(c, r, when);
    for (bool first = true; count-- && !out_failed(c->out); first = false) {
        next += interval_ns;
        while (clock_ns() < next && !task_interrupted())
            task_sleep(next - clock_ns());
        if (task_interrupted())
            break;
        sar_look(c, r, now);
        if (r == SAR_DEVICES && !first) { /* the one report of several rows has its head each time */
            out_text(c->out, "\n");
            sar_head(c, r, when);
        }
        clock_text(when, sizeof(when));
        sar_row(c, r, when, last, now);
        last = now;
        now = last == &looks[1] ? &looks[2] : &looks[1];
    }
    if (r == SAR_DEVICES) {
        out_text(c->out, "\n");
        sar_head(c, r, "Average:");
    }
    sar_row(c, r, "Average:", &looks[0], last);
}

static int cmd_sar(struct cmd_ctx *c)
{
    enum report r;
    u64 interval_ns, count;
    bool help = false;
    int status = sar_words(c, &r, &interval_ns, &count, &help);

    if (status || help)
        return status;
    struct look *looks = mem_zalloc(3 * sizeof(*looks));
    if (!looks)
        return cmd_error(c, "no memory");
    head_line(c->out);
    sar_look(c, r, &looks[0]);
    sar_rounds(c, r, looks, interval_ns, count);
    for (int i = 0; i < 3; i++)
        mem_free(looks[i].devices);
    mem_free(looks);
    return 0;
}

CMD(mpstat, .name = "mpstat", .group = "system", .help = "where the CPUs' time goes",
    .usage = "[-P ALL | -P CPUS] [INTERVAL [COUNT]]", .run = cmd_mpstat);
CMD(sar, .name = "sar", .group = "system", .help = "activity over time: CPU, load, memory, network devices",
    .usage = "[-u | -q | -r | -n DEV] INTERVAL [COUNT]", .run = cmd_sar);
