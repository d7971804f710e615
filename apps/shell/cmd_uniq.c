/* uniq: lines that follow each other and are alike become one.
 *
 *     ... | sort | uniq -c | sort -rn
 *
 * Keeps one line and a count, whatever the length of the input. The second operand of GNU's (a file to write to) is
 * refused: the shell redirects.
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

struct uniq {
    struct cmd_ctx *c;
    bool count, repeated, single, fold;
    u64 skip_fields, skip_chars, width;

    char *last;
    size_t last_n, room;
    u64 times; /* 0: there was none yet */
};

struct part {
    const char *p;
    size_t n;
};

static struct part compared(const struct uniq *u, const char *p, size_t n)
{
    size_t i = 0;
    for (u64 f = 0; f < u->skip_fields && i < n; f++) {
        while (i < n && (p[i] == ' ' || p[i] == '\t'))
            i++;
        while (i < n && p[i] != ' ' && p[i] != '\t')
            i++;
    }
    i += (size_t)min(u->skip_chars, (u64)(n - i));
    n = (size_t)min(u->width, (u64)(n - i));
    return (struct part){p + i, n};
}

static bool alike(const struct uniq *u, struct part a, struct part b)
{
    if (a.n != b.n)
        return false;
    if (!u->fold)
        return memcmp(a.p, b.p, a.n) == 0;
    for (size_t i = 0; i < a.n; i++) /* there may be NULs */
        if (char_lower(a.p[i]) != char_lower(b.p[i]))
            return false;
    return true;
}

static void show_last(struct uniq *u)
{
    bool wanted = u->times > 1 ? !u->single : u->times == 1 && !u->repeated;
    if (!wanted)
        return;
    if (u->count)
        out_text(u->c->out, "%7llu ", (unsigned long long)u->times);
    out_raw(u->c->out, u->last, u->last_n);
    out_raw(u->c->out, "\n", 1);
}

static int take_line(void *arg, const struct line *l)
{
    struct uniq *u = arg;
    if (u->times && alike(u, compared(u, l->p, l->n), compared(u, u->last, u->last_n))) {
        u->times++;
        return 0;
    }
    show_last(u);
    if (l->n + 1 > u->room) {
        mem_free(u->last);
        u->room = 0;
        u->times = 0;
        u->last = mem_alloc(l->n + 1);
        if (!u->last)
            return -ENOMEM;
        u->room = l->n + 1;
    }
    memcpy(u->last, l->p, l->n + 1);
    u->last_n = l->n;
    u->times = 1;
    return 0;
}

static int cmd_uniq(struct cmd_ctx *c)
{
    struct uniq u = {.c = c, .width = UINT64_MAX};
    struct option_reader o;
    int letter;
    for (option_start(&o, c, "cduif:s:w:"); (letter = option_next(&o)) > 0;) {
        switch (letter) {
        case 'c': u.count = true; break;
        case 'd': u.repeated = true; break;
        case 'u': u.single = true; break;
        case 'i': u.fold = true; break;
        case 'f': u.skip_fields = option_number(&o, 0, UINT64_MAX / 16); break;
        case 's': u.skip_chars = option_number(&o, 0, UINT64_MAX / 16); break;
        case 'w': u.width = option_number(&o, 0, UINT64_MAX / 16); break;
        }
    }
    if (o.bad)
        return option_refuse(&o);
    if (c->argc - o.at > 1)
        return cmd_usage(c, "one file, please: redirect what comes out with >");
    const char *path = o.at < c->argc ? c->argv[o.at] : NULL;
    int err = feed_lines(c, path, take_line, &u);
    if (!err)
        show_last(&u);
    mem_free(u.last);
    return feed_error(c, path, err);
}

CMD(uniq, .name = "uniq", .group = "text", .help = "neighbouring lines that are alike become one",
    .usage = "[-cdui] [-f FIELDS] [-s CHARS] [-w CHARS] [FILE]", .run = cmd_uniq);
