/* cat and tee: bytes from one place to others.
 *
 *     cat /proc/interrupts     cat -n FILE     ... | tee /tmp/log | ...
 *
 * cat without operands copies what is typed or piped in. tee writes each file as it goes, so a view such as
 * /proc/sys/... gets one piece per chunk; use `echo V > FILE` for these.
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/option.h"
#include "lib/string.h"

struct cat {
    struct cmd_ctx *c;
    bool number, number_full, squeeze, ends, tabs, controls;
    bool line_open; /* a file ended within it: the next one goes on there */
    bool last_blank;
    u64 line;
};

static int copy_plain(void *arg, const char *p, size_t n)
{
    struct cat *t = arg;
    out_raw(t->c->out, p, n);
    return 0;
}

static void show_byte(struct cat *t, u8 b)
{
    struct out *o = t->c->out;
    if (b == '\t' ? t->tabs : t->controls && (b < 0x20 || b >= 0x7f)) {
        u8 low = b & 0x7f;
        out_text(o, "%s%s%c", b >= 0x80 ? "M-" : "", low < 0x20 || low == 0x7f ? "^" : "",
                 low < 0x20 || low == 0x7f ? low ^ 0x40 : low);
        return;
    }
    out_raw(o, (const char *)&b, 1);
}

static int copy_lines(void *arg, const struct line *l)
{
    struct cat *t = arg;
    bool blank = l->n == 0 && !t->line_open, returns = t->ends && l->ended && l->n && l->p[l->n - 1] == '\r';
    size_t n = l->n - returns;
    if (t->squeeze && blank && t->last_blank)
        return 0;
    t->last_blank = blank;
    if (!t->line_open && (t->number || (t->number_full && !blank)))
        out_text(t->c->out, "%6llu\t", (unsigned long long)++t->line);
    if (!t->tabs && !t->controls)
        out_raw(t->c->out, l->p, n);
    for (size_t i = 0; i < n && (t->tabs || t->controls); i++)
        show_byte(t, (u8)l->p[i]);
    if (l->ended)
        out_text(t->c->out, "%s%s\n", returns ? "^M" : "", t->ends ? "$" : "");
    t->line_open = !l->ended;
    return 0;
}

static int cmd_cat(struct cmd_ctx *c)
{
    struct cat t = {.c = c};
    struct option_reader o;
    int letter, status = 0;
    for (option_start(&o, c, "nbsETvAetu"); (letter = option_next(&o)) > 0;) {
        t.number |= letter == 'n';
        t.number_full |= letter == 'b';
        t.squeeze |= letter == 's';
        t.ends |= letter == 'E' || letter == 'A' || letter == 'e';
        t.tabs |= letter == 'T' || letter == 'A' || letter == 't';
        t.controls |= letter == 'v' || letter == 'A' || letter == 'e' || letter == 't';
    }
    if (o.bad)
        return option_refuse(&o);
    if (t.number_full)
        t.number = false;
    bool plain = !t.number && !t.number_full && !t.squeeze && !t.ends && !t.tabs && !t.controls;
    int at = o.at;
    do {
        const char *path = at < c->argc ? c->argv[at] : NULL;
        int err = plain ? feed_chunks(c, path, copy_plain, &t) : feed_lines(c, path, copy_lines, &t);
        status = max(status, feed_error(c, path, err));
    } while (++at < c->argc && status < 128);
    return status;
}

struct tee {
    struct cmd_ctx *c;
    int at, status;
    bool append, begun;
};

/* A file that cannot be written is told of once and then left out. */
static int copy_to_all(void *arg, const char *p, size_t n)
{
    struct tee *t = arg;
    out_raw(t->c->out, p, n);
    for (int i = t->at; i < t->c->argc; i++) {
        int err = t->c->argv[i][0] ? file_write(t->c->net, t->c->argv[i], p, n, t->append || t->begun) : 0;
        if (err) {
            t->status = cmd_error(t->c, "%s: %s", t->c->argv[i], errno_text(err));
            t->c->argv[i][0] = 0;
        }
    }
    t->begun = true;
    return 0;
}

static int cmd_tee(struct cmd_ctx *c)
{
    struct tee t = {.c = c};
    struct option_reader o;
    int letter;
    for (option_start(&o, c, "a"); (letter = option_next(&o)) > 0;)
        t.append = true;
    if (o.bad)
        return option_refuse(&o);
    t.at = o.at;
    int err = feed_chunks(c, NULL, copy_to_all, &t);
    if (!err && !t.begun) /* an empty text makes empty files */
        copy_to_all(&t, "", 0);
    return max(t.status, feed_error(c, NULL, err));
}

CMD(cat, .name = "cat", .group = "text", .help = "print files", .usage = "[-nbsETvA] [FILE...]", .run = cmd_cat);
CMD(tee, .name = "tee", .group = "text", .help = "print what is piped in, and write it to files",
    .usage = "[-a] [FILE...]", .run = cmd_tee);
