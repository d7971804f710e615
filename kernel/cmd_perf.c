/* perf top: in which functions the CPUs are; softirqs: how long softirqs ran, how often, and how long they waited to.
 *
 *     perf top [-n] [-d SECONDS] [-F HZ] [-E ROWS] [COUNT]        q or Ctrl-C ends it, or COUNT refreshes
 *     softirqs [-C | -d] [-N] [-T] [INTERVAL [COUNT]]             as bcc's tool of that name prints it
 *
 * softirqs: the time spent in each, on all CPUs, in microseconds (-N: nanoseconds); -C: how often each ran; -d: the
 * histogram is of the time from raising to running, and what did not run meanwhile is left out.
 */
#include "kernel/profile.h"
#include "kernel/softirq.h"
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/io.h"
#include "lib/option.h"
#include "lib/string.h"

typedef unsigned long long ull;

#define HZ_USUAL 997 /* a prime: in step with nothing */

/* ---- perf top ---- */

struct top {
    u64 delay_ns, count; /* count 0: until told to end */
    unsigned hz, rows;
    bool numbers, screen;
};

static int top_words(struct cmd_ctx *c, struct top *t, bool *help)
{
    struct option_reader o;
    u64 delay = 2;
    int letter;

    *t = (struct top){.hz = HZ_USUAL, .rows = 20, .screen = c->out->columns != 0};
    for (option_start(&o, c, "nd:F:E:"); (letter = option_next(&o)) > 0;) {
        switch (letter) {
        case 'n': t->numbers = true; break;
        case 'd': delay = option_number(&o, 1, 3600); break;
        case 'F': t->hz = (unsigned)option_number(&o, 1, 10000); break;
        case 'E': t->rows = (unsigned)option_number(&o, 1, PROFILE_ROWS); break;
        }
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    t->delay_ns = delay * NS_PER_S;
    if (o.at < c->argc && (!option_decimal(c->argv[o.at], &t->count) || !t->count || o.at + 1 < c->argc))
        return cmd_usage(c, "\"%s\": the number of refreshes is wanted", c->argv[o.at]);
    return 0;
}

static void top_print(struct out *o, const struct top *t, const struct profile *p)
{
    u64 a_second = p->samples * NS_PER_S / t->delay_ns;

    out_text(o,
             "%s   PerfTop: %7llu irqs/sec  kernel:100.0%%  exact:  0.0%% lost: %llu/%llu drop: 0/0 "
             "[%uHz cpu-clock],  (all, %u CPU%s)\n"
             "-------------------------------------------------------------------------------\n\n",
             t->screen ? "\033[H\033[2J" : "", (ull)a_second, (ull)p->lost, (ull)p->samples + p->lost, t->hz,
             cpu_count(), cpu_count() == 1 ? "" : "s");
    for (unsigned i = 0; i < p->count && i < t->rows; i++) {
        u64 share = p->row[i].samples * 10000 / p->samples;
        out_text(o, "   %3llu.%02llu%%", (ull)(share / 100), (ull)(share % 100));
        if (t->numbers)
            out_text(o, " %8llu", (ull)p->row[i].samples);
        out_text(o, "  [kernel]  [k] %s\n", p->row[i].name);
    }
    if (!p->samples)
        out_text(o, "   no CPU did anything\n");
}

/* Until the next refresh; false: the person wants to leave. */
static bool wait_or_leave(struct cmd_ctx *c, u64 until)
{
    while (clock_ns() < until && !task_interrupted()) {
        int key = c->in && c->in->key ? c->in->key(c->in, until) : -ENODEV;
        if (key == 'q' || key == 'Q' || key == 3 || key == -EINTR)
            return false;
        if (key < 0 && key != -ETIMEDOUT)
            task_sleep(until - min(until, clock_ns()));
    }
    return !task_interrupted();
}

static int cmd_perf_top(struct cmd_ctx *c)
{
    struct top t;
    bool help = false;
    int status = top_words(c, &t, &help);

    if (status || help)
        return status;
    struct profile *p = profile_start(t.hz);
    if (!p)
        return cmd_error(c, profile_busy() ? "somebody else profiles just now" : "no memory");
    while (wait_or_leave(c, clock_ns() + t.delay_ns)) {
        profile_clear(p);
        profile_collect(p);
        top_print(c->out, &t, p);
        if ((t.count && !--t.count) || out_failed(c->out))
            break;
        if (!t.screen)
            out_text(c->out, "\n");
    }
    profile_stop(p);
    return 0;
}
CMD(perf_top, .name = "perf top", .group = "system", .help = "the functions in which the CPUs are; q ends it",
    .usage = "[-n] [-d SECONDS] [-F HZ] [-E ROWS] [COUNT]", .run = cmd_perf_top);

/* ---- softirqs ---- */

struct look {
    u64 runs[SOFTIRQ_COUNT], ns[SOFTIRQ_COUNT];
    u64 bucket[SOFTIRQ_COUNT][SOFTIRQ_BUCKETS];
};

struct form {
    bool histogram, count, time, ns;
};

static void take_look(struct look *l)
{
    u64 bucket[SOFTIRQ_BUCKETS];

    memset(l, 0, sizeof(*l));
    for (int nr = 0; nr < SOFTIRQ_COUNT; nr++)
        for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
            l->runs[nr] += softirq_count((enum softirq)nr, cpu);
            l->ns[nr] += softirq_ns((enum softirq)nr, cpu);
            softirq_latency((enum softirq)nr, cpu, bucket);
            for (unsigned i = 0; i < SOFTIRQ_BUCKETS; i++)
                l->bucket[nr][i] += bucket[i];
        }
}

static const char *lower_name(int nr)
{
    static const char *const names[SOFTIRQ_COUNT] = {"timer", "net_tx", "net_rx", "rcu"};
    return names[nr];
}

/* One line for each power of two, as bcc draws it. In microseconds the first slot is 0 and 1, and a slot's bounds are
 * off by the 2.4 % that 1024 is more than 1000. */
static void print_histogram(struct out *o, const struct form *f, int nr, const u64 now[SOFTIRQ_BUCKETS],
                            const u64 was[SOFTIRQ_BUCKETS])
{
    static const char stars[] = "****************************************";
    u64 slot[SOFTIRQ_BUCKETS] = {0}, most = 0;
    unsigned last = 0;

    for (unsigned i = 0; i < SOFTIRQ_BUCKETS; i++) {
        unsigned at = f->ns ? i : i > 10 ? i - 10 : 0;
        slot[at] += now[i] - was[i];
        most = max(most, slot[at]);
        last = slot[at] ? at : last;
    }
    if (!most)
        return;
    out_text(o, "softirq = %s\n     %s               : count     distribution\n", lower_name(nr),
             f->ns ? "nsecs" : "usecs");
    for (unsigned i = 0; i <= last; i++)
        out_text(o, "%10llu -> %-10llu : %-8llu |%-40.*s|\n", i ? 1ull << i : 0ull, (2ull << i) - 1, (ull)slot[i],
                 (int)(slot[i] * 40 / most), stars);
    out_text(o, "\n");
}

static void print_softirqs(struct out *o, const struct form *f, const struct look *was, const struct look *now)
{
    if (f->time) {
        struct date d;
        date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
        out_text(o, "%02u:%02u:%02u\n", d.hour, d.minute, d.second);
    }
    if (!f->histogram)
        out_text(o, "%-16s %11s\n", "SOFTIRQ", f->count ? "TOTAL_count" : f->ns ? "TOTAL_nsecs" : "TOTAL_usecs");
    for (int nr = 0; nr < SOFTIRQ_COUNT; nr++) {
        u64 ns = now->ns[nr] - was->ns[nr], runs = now->runs[nr] - was->runs[nr];
        if (f->histogram)
            print_histogram(o, f, nr, now->bucket[nr], was->bucket[nr]);
        else
            out_text(o, "%-16s %11llu\n", lower_name(nr), (ull)(f->count ? runs : f->ns ? ns : ns / NS_PER_US));
    }
    if (!f->histogram)
        out_text(o, "\n");
    else if (!memcmp(now->runs, was->runs, sizeof(now->runs)))
        out_text(o, "no softirq ran; the latency of those that do is shown\n\n");
}

static int cmd_softirqs(struct cmd_ctx *c)
{
    struct option_reader o;
    struct form form = {0};
    u64 interval = 0, count = 0;
    int letter;

    for (option_start(&o, c, "CdTN"); (letter = option_next(&o)) > 0;)
        *(letter == 'd' ? &form.histogram : letter == 'C' ? &form.count : letter == 'T' ? &form.time : &form.ns) = true;
    if (o.bad)
        return option_refuse(&o);
    if (form.histogram && form.count)
        return cmd_usage(c, "-C and -d: one of the two");
    if (o.at < c->argc && (!option_decimal(c->argv[o.at++], &interval) || !interval || interval > 86400))
        return cmd_usage(c, "\"%s\": an interval is 1..86400 seconds", c->argv[o.at - 1]);
    if (o.at < c->argc && (!option_decimal(c->argv[o.at++], &count) || !count || o.at < c->argc))
        return cmd_usage(c, "\"%s\": a count is 1 or more", c->argv[o.at - 1]);
    struct look *looks = mem_alloc(2 * sizeof(*looks));
    if (!looks)
        return cmd_error(c, "no memory");
    out_text(c->out, "Tracing soft irq event time... Hit Ctrl-C to end.\n\n");
    take_look(&looks[0]);
    for (bool more = true; more && !out_failed(c->out);) {
        u64 next = interval ? clock_ns() + interval * NS_PER_S : ~0ull;
        while (clock_ns() < next && !task_interrupted())
            task_park(next);
        more = !task_interrupted() && !(count && !--count);
        take_look(&looks[1]);
        print_softirqs(c->out, &form, &looks[0], &looks[1]);
        looks[0] = looks[1];
    }
    mem_free(looks);
    return 0;
}
CMD(softirqs, .name = "softirqs", .group = "system", .help = "how long softirqs ran, how often (-C), how late (-d)",
    .usage = "[-C | -d] [-N] [-T] [INTERVAL [COUNT]]", .run = cmd_softirqs);
