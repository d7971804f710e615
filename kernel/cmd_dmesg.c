/* dmesg: the machine's messages.
 *
 *     dmesg | grep eth0        dmesg -T             dmesg -l err,warn       dmesg -w
 *     dmesg -n 4               messages of level 4 and up stay off the console from now on
 *     dmesg -c                 prints, and does not print them again; -C does not even print them
 *
 * -w ends by Ctrl-C. What was overwritten while it printed is said in its place.
 */
#include "kernel/log.h"
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/option.h"
#include "lib/string.h"

static const char *const level_names[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};

static u64 cleared; /* place before which nothing is printed any more */

/* ---- words ---- */

struct request {
    u32 levels; /* a bit for each that is wanted */
    bool date, no_time, raw, show_level, follow, only_new, clear, json;
    int console_level; /* -1: leave it */
};

/* A level as a name or a number; -1: neither. "warning", "error" and "panic" are what syslog calls some. */
static int level_of(const char *s, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
        if (strlen(level_names[i]) == n && memcmp(level_names[i], s, n) == 0)
            return (int)i;
    if (n == 1 && s[0] >= '0' && s[0] <= '7')
        return s[0] - '0';
    return n == 7 && memcmp(s, "warning", 7) == 0 ? LOG_WARN : n == 5 && memcmp(s, "error", 5) == 0 ? LOG_ERR : -1;
}

/* "err,warn", "+" behind a level: it and what is more urgent. 0: not understood. */
static u32 levels_of(const char *s)
{
    u32 levels = 0;

    for (;;) {
        size_t n = strcspn(s, ",");
        bool more = n && s[n - 1] == '+';
        int level = level_of(s, n - more);
        if (level < 0)
            return 0;
        levels |= more ? (2u << level) - 1 : 1u << level;
        if (!s[n])
            return levels;
        s += n + 1;
    }
}

static int read_words(struct cmd_ctx *c, struct request *q, bool *help)
{
    struct option_reader o;
    int letter;

    *q = (struct request){.levels = 0xff, .console_level = -1};
    for (option_start(&o, c, "l:n:TtrxwWcCj"); (letter = option_next(&o)) > 0;) {
        switch (letter) {
        case 'l':
            q->levels = levels_of(o.value);
            if (!q->levels)
                return cmd_usage(c, "\"%s\": levels are emerg alert crit err warn notice info debug, or 0..7", o.value);
            break;
        case 'n': {
            int level = level_of(o.value, strlen(o.value));
            if (str_eq(o.value, "8"))
                level = LOG_DEBUG + 1;
            if (level < 0)
                return cmd_usage(c, "\"%s\": a level is emerg alert crit err warn notice info debug, or 0..8", o.value);
            q->console_level = level;
            break;
        }
        case 'T': q->date = true; break;
        case 't': q->no_time = true; break;
        case 'r': q->raw = true; break;
        case 'x': q->show_level = true; break;
        case 'W': q->only_new = true; /* fall through */
        case 'w': q->follow = true; break;
        case 'C':
        case 'c': q->clear = true; break;
        case 'j': q->json = true; break;
        }
        if (letter == 'C')
            q->levels = 0;
    }
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\": an option is wanted; to search: dmesg | grep %s", c->argv[o.at], c->argv[o.at]);
    return 0;
}

/* ---- print ---- */

static void print_time(struct out *o, const struct request *q, const struct log_line *l)
{
    struct date d;

    if (q->no_time)
        return;
    if (!q->date) {
        u64 us = l->when_ns / NS_PER_US;
        out_text(o, "[%5llu.%06llu] ", (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000));
        return;
    }
    date_from_unix(&d, (i64)((wall_ns() - clock_ns() + l->when_ns) / NS_PER_S));
    out_text(o, "[%.3s %.3s %2u %02u:%02u:%02u %d] ", date_day_name(d.weekday), date_month_name(d.month), d.day, d.hour,
             d.minute, d.second, d.year);
}

static void print_line(struct out *o, const struct request *q, const struct log_line *l)
{
    if (q->json) {
        out_object(o, NULL);
        out_u64(o, "pri", NULL, l->level);
        out_fmt(o, "time", "%llu.%06llu", (unsigned long long)(l->when_ns / NS_PER_S),
                (unsigned long long)(l->when_ns % NS_PER_S / NS_PER_US));
        out_u64(o, "caller", NULL, l->cpu);
        out_str(o, "msg", NULL, l->text);
        out_end(o);
        return;
    }
    if (q->raw)
        out_text(o, "<%u>", l->level);
    if (q->show_level)
        out_text(o, "kern  :%-6s: ", l->level < ARRAY_LEN(level_names) ? level_names[l->level] : "?");
    print_time(o, q, l);
    out_text(o, "%s\n", l->text);
}

static void print_from(struct out *o, const struct request *q, u64 *at)
{
    struct log_line line;
    bool first = true;

    while (!out_failed(o) && log_next(at, &line)) {
        if (line.missed && !first && !q->json)
            out_text(o, "(older messages were overwritten meanwhile)\n");
        first = false;
        if (q->levels >> line.level & 1)
            print_line(o, q, &line);
    }
}

static int follow(struct cmd_ctx *c, const struct request *q, u64 at)
{
    while (!out_failed(c->out)) {
        int err = log_wait(at, ~0ull);
        if (err)
            return err == -EINTR ? 130 : cmd_error(c, "waiting failed (error %d)", -err);
        print_from(c->out, q, &at);
    }
    return 0;
}

static int cmd_dmesg(struct cmd_ctx *c)
{
    struct request q;
    bool help = false;
    int status = read_words(c, &q, &help);

    if (status || help)
        return status;
    if (q.console_level >= 0) {
        store_relaxed(&log_console_level, (u32)q.console_level);
        return 0;
    }
    u64 at = q.only_new ? log_end() : max(log_first(), load_relaxed(&cleared));
    c->out->json = q.json;
    if (q.json && q.follow)
        return cmd_usage(c, "-j and -w do not go together: JSON has an end");
    if (q.json) {
        out_object(c->out, NULL);
        out_array(c->out, "dmesg");
    }
    print_from(c->out, &q, &at);
    if (q.json) {
        out_end(c->out);
        out_end(c->out);
    }
    if (q.clear)
        store_relaxed(&cleared, at);
    return q.follow ? follow(c, &q, at) : 0;
}
CMD(dmesg, .name = "dmesg", .group = "system", .help = "the machine's messages",
    .usage = "[-T | -t] [-x] [-r] [-l LEVEL[,...]] [-w | -W] [-c | -C] [-n LEVEL] [-j]", .run = cmd_dmesg);
