/* cut: parts of each line.
 *
 *     cut -d: -f1,3- FILE      cut -c1-15      cut -d' ' -f2 -s
 *
 * A list is 1,3-5,7-; parts come in the order of the line, each once, whatever the order of the list. Characters are
 * bytes, as in GNU cut.
 */
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/string.h"

#define RANGES_MAX 32
#define PLACE_MAX  UINT32_MAX

struct cut {
    struct cmd_ctx *c;
    struct {
        u64 from, to;
    } range[RANGES_MAX];
    unsigned ranges;
    bool fields, only_delimited;
    char delimiter;
};

/* False: no digit stands there, and *v is as it was. */
static bool read_place(const char **s, u64 *v)
{
    u64 n = 0;
    if (!char_is_digit(**s))
        return false;
    for (; char_is_digit(**s); ++*s)
        n = min(n * 10 + (u64)(**s - '0'), (u64)PLACE_MAX);
    *v = n;
    return true;
}

/* What is wrong with the list; NULL: nothing. */
static const char *read_list(struct cut *t, const char *s)
{
    do {
        u64 from = 1, to = PLACE_MAX;
        bool begun = read_place(&s, &from), open = *s == '-';
        s += open;
        if (!(open && read_place(&s, &to)) && !begun)
            return "a number is missing";
        if (!open)
            to = from;
        if (!from || to < from)
            return from ? "a range whose end is below its beginning" : "places are numbered from 1";
        if (t->ranges == RANGES_MAX)
            return "too many ranges";
        t->range[t->ranges].from = from;
        t->range[t->ranges++].to = to;
    } while (*s == ',' && s++);
    return *s ? "a list is written 1,3-5" : NULL;
}

static bool wanted(const struct cut *t, u64 place)
{
    for (unsigned i = 0; i < t->ranges; i++)
        if (place >= t->range[i].from && place <= t->range[i].to)
            return true;
    return false;
}

static void cut_bytes(struct cut *t, const struct line *l)
{
    size_t run = 0;
    for (size_t i = 0; i < l->n; i++) { /* whole runs at a time */
        if (wanted(t, i + 1)) {
            run++;
        } else if (run) {
            out_raw(t->c->out, l->p + i - run, run);
            run = 0;
        }
    }
    out_raw(t->c->out, l->p + l->n - run, run);
    out_raw(t->c->out, "\n", 1);
}

static void show_whole(struct cut *t, const struct line *l)
{
    out_raw(t->c->out, l->p, l->n);
    out_raw(t->c->out, "\n", 1);
}

static void cut_fields(struct cut *t, const struct line *l)
{
    const char *p = l->p, *end = l->p + l->n, *gap = "";
    if (!memchr(p, t->delimiter, l->n)) {
        if (!t->only_delimited)
            show_whole(t, l);
        return;
    }
    for (u64 field = 1; p <= end; field++) {
        const char *stop = memchr(p, t->delimiter, (size_t)(end - p));
        if (!stop)
            stop = end;
        if (wanted(t, field)) {
            out_raw(t->c->out, &t->delimiter, *gap != 0);
            out_raw(t->c->out, p, (size_t)(stop - p));
            gap = " ";
        }
        p = stop + 1;
    }
    out_raw(t->c->out, "\n", 1);
}

static int take_line(void *arg, const struct line *l)
{
    struct cut *t = arg;
    if (t->fields)
        cut_fields(t, l);
    else
        cut_bytes(t, l);
    return 0;
}

static int cmd_cut(struct cmd_ctx *c)
{
    struct cut t = {.c = c, .delimiter = '\t'};
    struct option_reader o;
    const char *list = NULL, *why;
    bool delimited = false;
    int letter;
    for (option_start(&o, c, "d:f:c:b:s"); (letter = option_next(&o)) > 0;) {
        if (letter == 's') {
            t.only_delimited = true;
        } else if (letter == 'd') {
            if (strlen(o.value) != 1)
                return cmd_usage(c, "the delimiter must be a single character");
            t.delimiter = o.value[0];
            delimited = true;
        } else {
            if (list)
                return cmd_usage(c, "only one list of fields or characters");
            list = o.value;
            t.fields = letter == 'f';
        }
    }
    if (o.bad)
        return option_refuse(&o);
    if (!list)
        return cmd_usage(c, "which part? -f FIELDS or -c CHARACTERS");
    if (!t.fields && (delimited || t.only_delimited))
        return cmd_usage(c, "-%c goes with -f alone", delimited ? 'd' : 's');
    if ((why = read_list(&t, list)))
        return cmd_usage(c, "\"%s\" is no list such as 1,3-5,7-: %s", list, why);
    return feed_all_lines(c, o.at, take_line, &t);
}

CMD(cut, .name = "cut", .group = "text", .help = "parts of each line",
    .usage = "-f LIST [-d CHAR] [-s] | -c LIST  [FILE...]", .run = cmd_cut);
