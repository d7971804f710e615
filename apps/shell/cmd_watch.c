/* watch, sleep and time: commands about time.
 *
 *     watch -n1 'cat /proc/net/softnet_stat | head -1'      sleep 0.5      time sysctl -a
 *
 * watch runs its words as a script of their own, as Linux's gives them to sh -c, until Ctrl-C. On a terminal each round
 * begins on a cleared screen and shows as much as fits; in a pipe the rounds follow each other, parted by their
 * headings. What one round prints is kept up to ROUND_BYTES, so that the screen changes at once and does not flicker.
 */
#include "apps/shell/glyph.h"
#include "apps/shell/option.h"
#include "apps/shell/shell.h"
#include "lib/cmd.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "lib/string.h"

#define ROUND_BYTES (32 * 1024)
#define LINE_BYTES  1024

struct watch {
    struct cmd_ctx *c;
    u64 interval; /* ns */
    u64 rounds;   /* how many still; ~0: until Ctrl-C */
    bool plain, errors_end;
    unsigned rows;
    char line[LINE_BYTES];
};

/* Sleeps until clock_ns() is `until`; false after Ctrl-C. */
static bool sleep_until(u64 until)
{
    while (clock_ns() < until && !task_interrupted())
        task_park(until);
    return !task_interrupted();
}

/* As much of a line as `room` columns hold: whole characters, tabs as the terminal sets them, no controls. How many
 * columns it takes. */
static size_t show_row(struct out *o, const char *p, size_t n, size_t room)
{
    size_t column = 0;
    for (size_t i = 0; i < n;) {
        struct glyph g = glyph_at(p + i, n - i);
        bool tab = p[i] == '\t', control = !tab && (g.rune < 0x20 || g.rune == 0x7f);
        size_t to = tab ? (column | 7) + 1 : column + (control ? 0 : g.columns);
        if (to > room)
            break;
        if (tab)
            out_text(o, "%*s", (int)(to - column), "");
        else if (!control)
            out_raw(o, g.valid ? p + i : "?", g.valid ? g.bytes : 1);
        column = to;
        i += g.bytes;
    }
    return column;
}

static void show_heading(struct watch *w)
{
    struct out *o = w->c->out;
    struct date d;
    u64 tenths = w->interval / (NS_PER_S / 10);
    char left[LINE_BYTES], right[64];
    date_from_unix(&d, (i64)(wall_ns() / NS_PER_S));
    fmt(left, sizeof(left), "Every %llu.%llus: %s", (unsigned long long)tenths / 10, (unsigned long long)tenths % 10,
        w->line);
    fmt(right, sizeof(right), "weir: %.3s %.3s %2u %02u:%02u:%02u %d", date_day_name(d.weekday),
        date_month_name(d.month), d.day, d.hour, d.minute, d.second, d.year);
    size_t room = (size_t)max((int)o->columns - (int)strlen(right) - 1, 20);
    size_t used = show_row(o, left, strlen(left), room);
    out_text(o, "%*s %s\n\n", (int)(room - used), "", right);
}

/* As much of the text as the screen holds; lines that are too long are cut, as watch does. */
static void show_screen(struct watch *w, const char *p, size_t n)
{
    for (unsigned row = w->plain ? 0 : 2; n && row + 1 < w->rows; row++) {
        const char *newline = memchr(p, '\n', n);
        size_t line = newline ? (size_t)(newline - p) : n;
        show_row(w->c->out, p, line, w->c->out->columns);
        out_raw(w->c->out, "\n", 1);
        p += line + (newline != NULL);
        n -= line + (newline != NULL);
    }
}

static int run_round(struct watch *w, struct out *out, struct out *err)
{
    struct script_env env;
    script_env_within(&env, w->c);
    env.out = out;
    env.err = err;
    env.in = NULL;
    int status = script_text(&env, w->line, strlen(w->line));
    script_env_free(&env);
    return status;
}

static int show_round(struct watch *w, char *text)
{
    struct out *o = w->c->out;
    if (!o->columns) {
        if (!w->plain)
            show_heading(w);
        return run_round(w, o, w->c->err);
    }
    struct out_mem m;
    out_mem_init(&m, text, ROUND_BYTES, false);
    int status = run_round(w, &m.out, &m.out);
    out_text(o, "\033[H\033[J");
    if (!w->plain)
        show_heading(w);
    show_screen(w, text, min(out_mem_len(&m), (size_t)ROUND_BYTES - 1));
    return status;
}

static int watch_rounds(struct watch *w)
{
    char *text = mem_alloc(ROUND_BYTES);
    int status = text ? 0 : cmd_error(w->c, "memory exhausted");
    u64 next = clock_ns();
    while (text && w->rounds) {
        int result = show_round(w, text);
        if (task_interrupted() || out_failed(w->c->out) || (w->errors_end && result)) {
            status = w->errors_end && result ? result : 130;
            break;
        }
        if (w->rounds != UINT64_MAX)
            w->rounds--;
        next = max(next + w->interval, clock_ns());
        if (w->rounds && !sleep_until(next)) {
            status = 130;
            break;
        }
    }
    mem_free(text);
    return status;
}

static int cmd_watch(struct cmd_ctx *c)
{
    struct watch *w = mem_zalloc(sizeof(*w));
    struct option_reader o;
    int letter, status;
    if (!w)
        return cmd_error(c, "memory exhausted");
    *w = (struct watch){.c = c, .interval = 2 * NS_PER_S, .rounds = UINT64_MAX, .rows = shell_rows(c->shell)};
    option_start(&o, c, "n:tec:");
    o.strict = true;
    while ((letter = option_next(&o)) > 0) {
        w->plain |= letter == 't';
        w->errors_end |= letter == 'e';
        if (letter == 'c')
            w->rounds = option_number(&o, 1, 1000000);
        if (letter == 'n' && parse_time(o.value, NS_PER_S, &w->interval, NULL) != 0)
            o.bad = true, fmt(o.why, sizeof(o.why), "\"%.20s\" is no number of seconds", o.value);
    }
    w->interval = min(max(w->interval, NS_PER_S / 10), UINT64_MAX / 4);
    for (int i = o.at; i < c->argc; i++) {
        str_append(w->line, sizeof(w->line), i > o.at ? " " : "");
        str_append(w->line, sizeof(w->line), c->argv[i]);
    }
    if (o.bad)
        status = option_refuse(&o);
    else if (o.at == c->argc)
        status = cmd_usage(c, "which command?");
    else if (strlen(w->line) + 1 == sizeof(w->line))
        status = cmd_error(c, "the command is too long");
    else
        status = watch_rounds(w);
    mem_free(w);
    return status;
}

static int cmd_sleep(struct cmd_ctx *c)
{
    u64 total = 0, ns;
    struct parse_bad bad;
    if (c->argc < 2)
        return cmd_usage(c, "how long?");
    for (int i = 1; i < c->argc; i++) {
        if (parse_time(c->argv[i], NS_PER_S, &ns, &bad) != 0)
            return cmd_usage(c, "\"%s\": %s", c->argv[i], bad.why);
        total += min(ns, UINT64_MAX / 4 - total);
    }
    return sleep_until(clock_ns() + total) ? 0 : 130;
}

static int cmd_time(struct cmd_ctx *c)
{
    if (c->argc < 2)
        return cmd_usage(c, "which command?");
    u64 start = clock_ns();
    int status = cmd_run_within(c, c->argc - 1, c->argv + 1, c->in);
    u64 ms = (clock_ns() - start) / NS_PER_MS;
    out_text(c->err, "\nreal\t%llum%llu.%03llus\n", (unsigned long long)ms / 60000, (unsigned long long)ms / 1000 % 60,
             (unsigned long long)ms % 1000);
    return status;
}

CMD(watch, .name = "watch", .group = "shell", .help = "run a command again and again, until Ctrl-C",
    .usage = "[-n SECONDS] [-t] [-e] [-c ROUNDS] COMMAND", .run = cmd_watch);
CMD(sleep, .name = "sleep", .group = "shell", .help = "wait", .usage = "SECONDS", .run = cmd_sleep);
CMD(time, .name = "time", .group = "shell", .help = "run a command and tell how long it took", .usage = "COMMAND",
    .run = cmd_time);
