/* ps and top: the tasks.
 *
 *     ps                 this console's way: number, time, name
 *     ps aux | ps -ef    every task, in the columns that people read on Linux
 *     ps -l              Weir's own: CPU, priority, stack in use, switches, longest wait for the CPU
 *     top [-d SECONDS] [-n COUNT] [-b]        refreshed; q or Ctrl-C ends it
 *
 * Every task is root's and there is no memory of its own: VSZ is its stack, RSS how much of it was ever used, in KiB.
 * %CPU of ps is over the task's life, that of top since the last refresh. Idle tasks are left out of ps, as their time
 * is idle time, unless -e or -A asks for them.
 */
#include "kernel/cpu_use.h"
#include "kernel/page.h"
#include "kernel/task.h"
#include "kernel/task_list.h"
#include "kernel/time.h"
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/io.h"
#include "lib/option.h"
#include "lib/string.h"

typedef unsigned long long ull;

static const char *const prio_names[TASK_PRIOS] = {"high", "normal", "low"};

enum form { PS_SHORT, PS_AUX, PS_FULL, PS_LONG };

/* Tenths of a percent. */
static u32 permille(u64 part, u64 all)
{
    return all ? (u32)min(part * 1000 / all, 1000ull) : 0;
}

static void stat_text(char *p, size_t n, const struct task_info *t)
{
    fmt(p, n, "%s%s", task_state_name(t->state), t->prio == TASK_HIGH ? "<" : t->prio == TASK_LOW ? "N" : "");
}

static void start_text(char *p, size_t n, const struct task_info *t)
{
    struct date d;

    date_from_unix(&d, (i64)((wall_ns() - clock_ns() + t->start_ns) / NS_PER_S));
    fmt(p, n, "%02u:%02u", d.hour, d.minute);
}

static void ps_head(struct out *o, enum form form)
{
    static const char *const heads[] = {
        "    PID TTY          TIME CMD\n",
        "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n",
        "UID          PID    PPID  C STIME TTY          TIME CMD\n",
        "    PID CPU PRIO   S  %CPU      TIME  STACK   USED   SWITCHES  PREEMPTED   WAITMAX NAME\n",
    };
    out_text(o, "%s", heads[form]);
}

static void ps_row(struct out *o, enum form form, const struct task_info *t)
{
    char stat[8], start[8];
    u64 now = clock_ns(), s = t->cpu_ns / NS_PER_S;
    u32 cpu = permille(t->cpu_ns, now - min(now, t->start_ns));

    stat_text(stat, sizeof(stat), t);
    start_text(start, sizeof(start), t);
    switch (form) {
    case PS_SHORT:
        out_text(o, "%7u console  %02llu:%02llu:%02llu %s\n", t->id, (ull)(s / 3600), (ull)(s / 60 % 60), (ull)(s % 60),
                 t->name);
        break;
    case PS_AUX:
        out_text(o, "root     %7u %2u.%u  0.0 %6zu %5zu ?        %-4s %5s %3llu:%02llu [%s]\n", t->id, cpu / 10,
                 cpu % 10, t->stack_size / 1024, t->stack_used / 1024, stat, start, (ull)(s / 60), (ull)(s % 60),
                 t->name);
        break;
    case PS_FULL:
        out_text(o, "root     %7u       0 %2u %s ?        %02llu:%02llu:%02llu [%s]\n", t->id, cpu / 10, start,
                 (ull)(s / 3600), (ull)(s / 60 % 60), (ull)(s % 60), t->name);
        break;
    case PS_LONG:
        out_text(o, "%7u %3u %-6s %s %3u.%u %5llu.%03llu %6zu %6zu %10llu %10llu %6llu us %s\n", t->id, t->cpu,
                 prio_names[t->prio], stat, cpu / 10, cpu % 10, (ull)s, (ull)(t->cpu_ns / NS_PER_MS % 1000),
                 t->stack_size, t->stack_used, (ull)t->switches, (ull)t->preempted, (ull)(t->wait_max_ns / NS_PER_US),
                 t->name);
        break;
    }
}

static void ps_json(struct out *o, const struct task_info *t)
{
    out_object(o, NULL);
    out_u64(o, "pid", NULL, t->id);
    out_str(o, "name", NULL, t->name);
    out_str(o, "state", NULL, task_state_name(t->state));
    out_str(o, "priority", NULL, prio_names[t->prio]);
    out_u64(o, "cpu", NULL, t->cpu);
    out_u64(o, "cpu_ns", NULL, t->cpu_ns);
    out_u64(o, "start_ns", NULL, t->start_ns);
    out_u64(o, "switches", NULL, t->switches);
    out_u64(o, "preempted", NULL, t->preempted);
    out_u64(o, "wait_max_ns", NULL, t->wait_max_ns);
    out_u64(o, "stack", NULL, t->stack_size);
    out_u64(o, "stack_used", NULL, t->stack_used);
    out_end(o);
}

/* The letters of BSD's ps (aux, axl) come with or without a '-'. */
static int ps_words(struct cmd_ctx *c, enum form *form, bool *idle, bool *help)
{
    *form = PS_SHORT;
    for (int i = 1; i < c->argc; i++) {
        const char *w = c->argv[i];
        if (str_eq(w, "--help")) {
            *help = true;
            out_text(c->out, "usage: ps %s\n", c->cmd->usage);
            return 0;
        }
        for (const char *p = w + (w[0] == '-'); *p; p++) {
            if (*p == 'u' || *p == 'f')
                *form = *p == 'u' ? PS_AUX : PS_FULL;
            else if (*p == 'l' || *p == 'L')
                *form = PS_LONG;
            else if (*p == 'j')
                c->out->json = true;
            else if (*p == 'e' || *p == 'A')
                *idle = true;
            else if (*p != 'a' && *p != 'x' && *p != 'w') /* all tasks are shown anyway, and whole */
                return cmd_usage(c, "\"%s\" is not understood", w);
        }
    }
    return 0;
}

static int cmd_ps(struct cmd_ctx *c)
{
    enum form form;
    bool idle = false, help = false;
    struct task_list l;
    int status = ps_words(c, &form, &idle, &help);

    if (status || help)
        return status;
    if (task_list_take(&l))
        return cmd_error(c, "no memory");
    out_array(c->out, NULL);
    ps_head(c->out, form);
    for (unsigned i = 0; i < l.count; i++) {
        const struct task_info *t = &l.task[i].info;
        if (t->idle && !idle)
            continue;
        if (c->out->json)
            ps_json(c->out, t);
        else
            ps_row(c->out, form, t);
    }
    out_end(c->out);
    task_list_free(&l);
    return 0;
}

/* ---- top ---- */

struct top {
    struct task_list now, before;
    u64 now_ns, before_ns;
    u64 use[TIME_USES], use_before[TIME_USES];
    unsigned rows;
};

static void top_look(struct top *t)
{
    u64 ns[TIME_USES];

    memcpy(t->use_before, t->use, sizeof(t->use));
    memset(t->use, 0, sizeof(t->use));
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        time_used(cpu, ns);
        for (int i = 0; i < TIME_USES; i++)
            t->use[i] += ns[i];
    }
    t->before_ns = t->now_ns;
    t->now_ns = clock_ns();
}

static void top_head(struct cmd_ctx *c, const struct top *t)
{
    struct page_info pages;
    struct date d;
    char *load;
    size_t n;
    unsigned running = 0;
    u64 up = t->now_ns / NS_PER_S;

    for (unsigned i = 0; i < t->now.count; i++)
        running += !t->now.task[i].info.idle && t->now.task[i].info.state <= TASK_RUNNING;
    page_info(&pages);
    date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
    out_text(c->out, "top - %02u:%02u:%02u up %llu:%02llu", d.hour, d.minute, d.second, (ull)(up / 3600),
             (ull)(up / 60 % 60));
    if (file_load(c->net, "/proc/loadavg", 256, &load, &n) == 0) {
        for (int i = 0, at = 0; i < 3; i++, at += load[at] == ' ') {
            int len = (int)strcspn(load + at, " ");
            out_text(c->out, "%s%.*s", i ? ", " : ",  load average: ", len, load + at);
            at += len;
        }
        mem_free(load);
    }
    out_text(c->out, "\nTasks: %3u total, %3u running, %3u sleeping\n%%Cpu(s):", t->now.count, running,
             t->now.count - running);
    struct cpu_share s = cpu_share_of(t->use_before, t->use);
    static const char *const names[] = {"us", "sy", "ni", "id", "wa", "hi", "si", "st"};
    const u32 shares[] = {s.task, 0, 0, s.idle, 0, s.irq, s.softirq, 0};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        out_text(c->out, "%s%3u.%u %s", i ? "," : "", shares[i] / 100, shares[i] / 10 % 10, names[i]);
    ull total_kib = pages.total * 4, free_kib = pages.free * 4;
    out_text(c->out, "\nKiB Mem : %8llu total, %8llu free, %8llu used\n\n", total_kib, free_kib, total_kib - free_kib);
    out_text(c->out, "    PID CPU PRIO   S  %%CPU     TIME+ COMMAND\n");
}

static void top_rows(struct out *o, const struct top *t)
{
    u64 span = t->now_ns - t->before_ns;

    for (unsigned i = 0, shown = 0; i < t->now.count && (!t->rows || shown < t->rows); i++) {
        const struct task_info *info = &t->now.task[i].info;
        if (info->idle)
            continue;
        u32 cpu = permille(t->now.task[i].recent_ns, span);
        u64 cs = info->cpu_ns / (10 * NS_PER_MS);
        out_text(o, "%7u %3u %-6s %s %3u.%u %3llu:%02llu.%02llu %s\n", info->id, info->cpu, prio_names[info->prio],
                 task_state_name(info->state), cpu / 10, cpu % 10, (ull)(cs / 6000), (ull)(cs / 100 % 60),
                 (ull)(cs % 100), info->name);
        shown++;
    }
}

/* Waits for the next refresh; false: the person wants to leave. */
static bool top_wait(struct cmd_ctx *c, u64 until)
{
    while (clock_ns() < until) {
        if (task_interrupted())
            return false;
        if (!c->in || !c->in->key) {
            task_sleep(until - clock_ns());
            continue;
        }
        int key = c->in->key(c->in, until);
        if (key == 'q' || key == 'Q' || key == 3 || key == -EINTR)
            return false;
        if (key == ' ' || key == '\r')
            return true;
        if (key < 0 && key != -ETIMEDOUT) /* nobody types here */
            task_sleep(until - min(until, clock_ns()));
    }
    return !task_interrupted();
}

static int top_run(struct cmd_ctx *c, u64 delay, u64 count, bool batch)
{
    struct top t = {.rows = batch ? 0 : 15};
    int err = task_list_take(&t.before);

    top_look(&t);
    bool more =
        !err &&
        top_wait(c, clock_ns() + min(delay, NS_PER_S / 2)); /* a first short span, so that there is something to tell */
    while (more && !out_failed(c->out)) {
        err = task_list_take(&t.now);
        if (err)
            break;
        top_look(&t);
        task_list_compare(&t.now, &t.before);
        out_text(c->out, "%s", batch ? "" : "\033[H\033[2J");
        top_head(c, &t);
        top_rows(c->out, &t);
        task_list_free(&t.before);
        t.before = t.now;
        more = (!count || --count) && top_wait(c, clock_ns() + delay);
        if (more && batch)
            out_text(c->out, "\n");
    }
    task_list_free(&t.before);
    return err ? cmd_error(c, "no memory") : 0;
}

static int cmd_top(struct cmd_ctx *c)
{
    struct option_reader o;
    u64 delay = 3, count = 0;
    bool batch = !c->out->columns;
    int letter;

    for (option_start(&o, c, "d:n:b"); (letter = option_next(&o)) > 0;) {
        if (letter == 'd')
            delay = option_number(&o, 1, 3600);
        else if (letter == 'n')
            count = option_number(&o, 1, 1000000);
        else
            batch = true;
    }
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\" is not understood", c->argv[o.at]);
    return top_run(c, delay * NS_PER_S, count, batch);
}

CMD(ps, .name = "ps", .group = "system", .help = "the tasks", .usage = "[aux | -ef | -l] [-e] [-j]", .run = cmd_ps);
CMD(top, .name = "top", .group = "system", .help = "the tasks that use the CPU, refreshed; q ends it",
    .usage = "[-d SECONDS] [-n COUNT] [-b]", .run = cmd_top);
