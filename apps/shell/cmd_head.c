/* head and tail: the first and the last lines.
 *
 *     cat /proc/net/nf_conntrack | head -5      dmesg | tail -n 20      tail -n +2 FILE      head -c 100 FILE
 *
 * As GNU's: `-5` is `-n 5`, several files get headings, a last line without a newline stays without. What tail keeps is
 * bounded by TAIL_BYTES and TAIL_LINES; a text whose last lines need more is an error, not a flood. tail -f is refused:
 * what goes on for ever in Weir has a command of its own that follows (dmesg -w, ip monitor).
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

#define TAIL_BYTES (4 * MIB)
#define TAIL_LINES 100000

struct cut_ends {
    struct cmd_ctx *c;
    struct option_reader o;
    bool tail, bytes, from_start; /* from_start: tail -n +N */
    bool all_but;                 /* head -n -N */
    bool quiet, headings, heading_shown;
    u64 count;

    u64 seen; /* in this file: lines or bytes */

    /* tail, and head -n -N: what may still be wanted; lines with their newlines, a ring */
    u64 ring; /* its size: `count`, or the bound, beyond which nothing may be seen then */
    struct held {
        char *p;
        size_t n;
    } * held;
    size_t held_bytes;
};

/* "-5" as the first word and, for tail, "+5" are old and common ways to say -n 5. */
static void take_old_form(struct cut_ends *t)
{
    struct cmd_ctx *c = t->c;
    const char *w = t->o.at < c->argc ? c->argv[t->o.at] : "";
    bool plus = t->tail && w[0] == '+';
    if ((w[0] != '-' && !plus) || !option_decimal(w + 1, &t->count))
        return;
    t->from_start = plus;
    t->o.seen = t->o.at++;
}

static void take_count(struct cut_ends *t, bool bytes)
{
    char sign = t->o.value[0];
    t->bytes = bytes;
    t->from_start = t->tail && sign == '+';
    t->all_but = !t->tail && sign == '-';
    if (sign == '+' || sign == '-')
        t->o.value++;
    t->count = option_number(&t->o, 0, UINT64_MAX / 16);
}

/* ---- the start, or from a place on: nothing is kept ---- */

/* Behind how many of p[0..n) the next `lines` newlines have gone by. */
static size_t past_lines(const char *p, size_t n, u64 *lines)
{
    size_t at = 0;
    while (*lines && at < n) {
        const char *newline = memchr(p + at, '\n', n - at);
        if (!newline)
            return n;
        at = (size_t)(newline - p) + 1;
        --*lines;
    }
    return at;
}

/* How much of the chunk lies before the place that is `t->count` lines or bytes into the text. */
static size_t before_place(struct cut_ends *t, const char *p, size_t n)
{
    u64 left = t->count - t->seen;
    size_t part = t->bytes ? (size_t)min(left, (u64)n) : past_lines(p, n, &left);
    t->seen = t->bytes ? t->seen + part : t->count - left;
    return part;
}

static int take_start(void *arg, const char *p, size_t n)
{
    struct cut_ends *t = arg;
    out_raw(t->c->out, p, before_place(t, p, n));
    return t->seen >= t->count ? FEED_ENOUGH : 0;
}

static int take_from(void *arg, const char *p, size_t n)
{
    struct cut_ends *t = arg;
    size_t skipped = before_place(t, p, n);
    out_raw(t->c->out, p + skipped, n - skipped);
    return 0;
}

/* ---- the end: a ring of lines, or of single bytes ---- */

static int hold_line(void *arg, const struct line *l)
{
    struct cut_ends *t = arg;
    struct held *h = &t->held[t->seen % t->ring];
    size_t n = l->n + l->ended;
    if (t->seen++ >= t->ring && t->ring < t->count)
        return -ENOBUFS;
    if (h->p && t->all_but)
        out_raw(t->c->out, h->p, h->n);
    t->held_bytes -= h->n;
    mem_free(h->p);
    *h = (struct held){0};
    h->p = t->held_bytes + n > TAIL_BYTES ? NULL : mem_alloc(n + 1);
    if (!h->p)
        return -ENOBUFS;
    memcpy(h->p, l->p, l->n);
    h->p[l->n] = '\n';
    h->n = n;
    t->held_bytes += n;
    return 0;
}

static int hold_bytes(void *arg, const char *p, size_t n)
{
    struct cut_ends *t = arg;
    while (n) {
        char *place = t->held[0].p + t->seen % t->ring;
        size_t part = (size_t)min((u64)n, t->ring - t->seen % t->ring);
        if (t->seen >= t->ring && t->ring < t->count)
            return -ENOBUFS;
        if (t->all_but && t->seen >= t->ring)
            out_raw(t->c->out, place, part);
        memcpy(place, p, part);
        t->seen += part;
        p += part;
        n -= part;
    }
    return 0;
}

static void show_held(struct cut_ends *t)
{
    u64 n = min(t->seen, t->ring), first = t->seen - n, at = first % t->ring;
    if (t->all_but)
        return;
    if (t->bytes) {
        size_t part = (size_t)min(n, t->ring - at);
        out_raw(t->c->out, t->held[0].p + at, part);
        out_raw(t->c->out, t->held[0].p, (size_t)n - part);
        return;
    }
    for (u64 i = first; i < t->seen; i++)
        out_raw(t->c->out, t->held[i % t->ring].p, t->held[i % t->ring].n);
}

static int take_end(struct cut_ends *t, const char *path)
{
    t->ring = min(t->count, (u64)(t->bytes ? TAIL_BYTES : TAIL_LINES));
    u64 slots = t->bytes ? 1 : t->ring;
    t->held_bytes = 0;
    t->held = mem_zalloc(slots * sizeof(*t->held));
    if (t->held && t->bytes)
        t->held[0].p = mem_alloc(t->ring);
    bool ready = t->held && (!t->bytes || t->held[0].p);
    int err = !ready     ? -ENOMEM
              : t->bytes ? feed_chunks(t->c, path, hold_bytes, t)
                         : feed_lines(t->c, path, hold_line, t);
    if (!err)
        show_held(t);
    for (u64 i = 0; t->held && i < slots; i++)
        mem_free(t->held[i].p);
    mem_free(t->held);
    return err;
}

/* ---- files ---- */

static int take_file(struct cut_ends *t, const char *path)
{
    bool keeps = t->all_but || (t->tail && !t->from_start);
    struct file_stat st;
    int absent = path ? file_stat(t->c->net, path, &st) : 0;
    if (absent)
        return absent;
    t->seen = 0;
    if (t->headings)
        out_text(t->c->out, "%s==> %s <==\n", t->heading_shown ? "\n" : "", path ? path : "standard input");
    t->heading_shown = true;
    if ((t->all_but || t->from_start) && t->count <= t->from_start) { /* all of it */
        t->count = 0;
        return feed_chunks(t->c, path, take_from, t);
    }
    if (t->from_start) {
        t->count--; /* lines before the first one wanted */
        int err = feed_chunks(t->c, path, take_from, t);
        t->count++;
        return err;
    }
    if (!t->count)
        return 0;
    return keeps ? take_end(t, path) : feed_chunks(t->c, path, take_start, t);
}

static int take_all(struct cut_ends *t)
{
    struct cmd_ctx *c = t->c;
    int status = 0, at = t->o.at;
    t->headings = c->argc - at > 1 && !t->quiet;
    do {
        const char *path = at < c->argc && !str_eq(c->argv[at], "-") ? c->argv[at] : NULL;
        int err = take_file(t, path);
        if (err == -ENOBUFS)
            status = cmd_error(c, "what is to be kept needs more than %u MiB or %u lines", (unsigned)(TAIL_BYTES / MIB),
                               TAIL_LINES);
        else
            status = max(status, feed_error(c, path, err));
    } while (++at < c->argc && status < 128);
    return status;
}

static int run_ends(struct cmd_ctx *c, bool tail)
{
    struct cut_ends t = {.c = c, .tail = tail, .count = 10};
    int letter;
    option_start(&t.o, c, tail ? "n:c:qf" : "n:c:q");
    take_old_form(&t);
    while ((letter = option_next(&t.o)) > 0) {
        if (letter == 'f')
            return cmd_usage(c, "-f: what goes on has a command that follows it: dmesg -w, watch -n1 CMD, ip monitor");
        if (letter == 'q')
            t.quiet = true;
        else
            take_count(&t, letter == 'c');
    }
    return t.o.bad ? option_refuse(&t.o) : take_all(&t);
}

static int cmd_head(struct cmd_ctx *c)
{
    return run_ends(c, false);
}

static int cmd_tail(struct cmd_ctx *c)
{
    return run_ends(c, true);
}

CMD(head, .name = "head", .group = "text", .help = "the first lines (10)",
    .usage = "[-n LINES | -c BYTES] [-q] [FILE...]", .run = cmd_head);
CMD(tail, .name = "tail", .group = "text", .help = "the last lines (10)",
    .usage = "[-n [+]LINES | -c [+]BYTES] [-q] [FILE...]", .run = cmd_tail);
