/* sort: the lines in order.
 *
 *     sort -k2,2nr -k1,1 FILE      ss -tn | sort -u      ip -s link | sort -t: -k1n
 *
 * A stable merge sort over all lines in memory, bounded by SORT_BYTES and SORT_LINES: a longer input is refused with
 * a word, before memory runs out for others. Order is by bytes (locale C). Options are GNU's.
 */
#include "apps/shell/feed.h"
#include "apps/shell/sort_key.h"
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"

#define SORT_BYTES (8 * MIB)
#define SORT_LINES 200000
#define SORT_KEYS  8
#define BLOCK      (64 * 1024) /* bytes: lines are laid behind each other in blocks */

struct block {
    struct block *next;
    size_t n, room;
    char p[];
};

struct sorter {
    struct cmd_ctx *c;
    struct option_reader o;
    struct sort_how how;
    struct sort_key key[SORT_KEYS];
    unsigned keys;
    int separator;
    bool unique, stable, check;
    const char *bad_key;

    struct block *blocks;
    size_t bytes;
    struct sort_text *line, *spare;
    size_t lines, room;
};

/* ---- gathering ---- */

static char *lay_down(struct sorter *s, const char *p, size_t n)
{
    struct block *b = s->blocks;
    if (!b || b->room - b->n < n) {
        size_t room = max((size_t)BLOCK, n);
        if (s->bytes + room > SORT_BYTES)
            return NULL;
        b = mem_alloc(sizeof(*b) + room);
        if (!b)
            return NULL;
        *b = (struct block){.next = s->blocks, .room = room};
        s->blocks = b;
        s->bytes += room;
    }
    char *at = b->p + b->n;
    memcpy(at, p, n);
    b->n += n;
    return at;
}

static int gather(void *arg, const struct line *l)
{
    struct sorter *s = arg;
    if (s->lines == s->room) {
        size_t room = s->room ? s->room * 2 : 256;
        struct sort_text *more = s->lines >= SORT_LINES ? NULL : mem_alloc(room * sizeof(*more));
        if (!more)
            return -ENOMEM;
        if (s->lines)
            memcpy(more, s->line, s->lines * sizeof(*more));
        mem_free(s->line);
        s->line = more;
        s->room = room;
    }
    char *p = lay_down(s, l->p, l->n);
    if (!p)
        return -ENOMEM;
    s->line[s->lines++] = (struct sort_text){p, l->n};
    return 0;
}

/* ---- order ---- */

static int compare_keys(const struct sorter *s, struct sort_text a, struct sort_text b)
{
    for (unsigned i = 0; i < s->keys; i++) {
        const struct sort_key *k = &s->key[i];
        struct sort_key own = *k;
        if (!k->how.any)
            own.how = s->how;
        int order = sort_compare(&own.how, sort_key_find(&own, a, s->separator), sort_key_find(&own, b, s->separator));
        if (order)
            return order;
    }
    if (s->keys)
        return 0;
    if (s->how.blanks) {
        struct sort_key whole = {.from_field = 1, .from_blanks = true};
        a = sort_key_find(&whole, a, -1);
        b = sort_key_find(&whole, b, -1);
    }
    return sort_compare(&s->how, a, b);
}

static int compare_lines(const struct sorter *s, struct sort_text a, struct sort_text b)
{
    static const struct sort_how plain;
    int order = compare_keys(s, a, b);
    if (order || s->unique || s->stable)
        return order;
    order = sort_compare(&plain, a, b); /* what the keys leave open */
    return s->how.reverse ? -order : order;
}

static void merge(const struct sorter *s, struct sort_text *to, const struct sort_text *a, size_t an, size_t bn)
{
    const struct sort_text *b = a + an, *a_end = a + an, *b_end = b + bn;
    while (a < a_end && b < b_end)
        *to++ = compare_lines(s, *a, *b) <= 0 ? *a++ : *b++;
    memcpy(to, a, (size_t)(a_end - a) * sizeof(*a));
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof(*b));
}

static int sort_lines(struct sorter *s)
{
    s->spare = mem_alloc(s->lines * sizeof(*s->spare) + 1);
    if (!s->spare)
        return -ENOMEM;
    for (size_t run = 1; run < s->lines; run *= 2) {
        for (size_t at = 0; at < s->lines; at += 2 * run) {
            size_t an = min(run, s->lines - at), bn = min(run, s->lines - at - an);
            merge(s, s->spare + at, s->line + at, an, bn);
        }
        struct sort_text *t = s->line;
        s->line = s->spare;
        s->spare = t;
        if (task_interrupted())
            return -EINTR;
    }
    return 0;
}

/* ---- words ---- */

static bool take_separator(struct sorter *s, const char *value)
{
    bool nul = str_eq(value, "\\0");
    if (!value[0] || (value[1] && !nul))
        return false;
    s->separator = nul ? 0 : (u8)value[0];
    return true;
}

static bool take_options(struct sorter *s)
{
    int letter;
    for (option_start(&s->o, s->c, "nrfbVusck:t:"); (letter = option_next(&s->o)) > 0;) {
        bool ok = true;
        if (letter == 'k')
            ok = s->keys < SORT_KEYS && sort_key_parse(s->o.value, &s->key[s->keys++]) == 0;
        else if (letter == 't')
            ok = take_separator(s, s->o.value);
        else if (letter == 'u' || letter == 's' || letter == 'c')
            *(letter == 'u' ? &s->unique : letter == 's' ? &s->stable : &s->check) = true;
        else
            sort_how_letter(&s->how, (char)letter);
        if (!ok) {
            s->bad_key = s->o.value;
            return false;
        }
    }
    return true;
}

static int check_order(struct sorter *s)
{
    const char *path = s->o.at < s->c->argc ? s->c->argv[s->o.at] : "-";
    for (size_t i = 1; i < s->lines; i++) {
        int order = compare_lines(s, s->line[i - 1], s->line[i]);
        if (order > 0 || (order == 0 && s->unique))
            return cmd_error(s->c, "%s:%zu: disorder: %.*s", path, i + 1, (int)min(s->line[i].n, (size_t)200),
                             s->line[i].p);
    }
    return 0;
}

static void show(struct sorter *s)
{
    for (size_t i = 0; i < s->lines && !out_failed(s->c->out); i++) {
        if (s->unique && i && compare_keys(s, s->line[i - 1], s->line[i]) == 0)
            continue;
        out_raw(s->c->out, s->line[i].p, s->line[i].n);
        out_raw(s->c->out, "\n", 1);
    }
}

static int sort_all(struct sorter *s)
{
    int at = s->o.at, err = 0;
    do {
        const char *path = at < s->c->argc ? s->c->argv[at] : NULL;
        err = feed_lines(s->c, path, gather, s);
        if (err && err != -ENOMEM)
            return feed_error(s->c, path, err) >= 128 ? 130 : 2;
    } while (!err && ++at < s->c->argc);
    if (!err && s->check)
        return check_order(s);
    if (!err)
        err = sort_lines(s);
    if (err == -ENOMEM) {
        cmd_error(s->c, "too much to sort: at most %u MiB in %u lines, and as much free memory",
                  (unsigned)(SORT_BYTES / MIB), SORT_LINES);
        return 2;
    }
    if (!err)
        show(s);
    return feed_error(s->c, NULL, err);
}

static int cmd_sort(struct cmd_ctx *c)
{
    struct sorter s = {.c = c, .separator = -1};
    if (!take_options(&s))
        return cmd_usage(c, "option '-%c': \"%s\" is not understood", s.o.letter, s.bad_key);
    if (s.o.bad)
        return option_refuse(&s.o);
    if (s.check && c->argc - s.o.at > 1)
        return cmd_usage(c, "-c looks at one file");
    int status = sort_all(&s);
    mem_free(s.line);
    mem_free(s.spare);
    for (struct block *b = s.blocks, *next; b; b = next) {
        next = b->next;
        mem_free(b);
    }
    return status;
}

CMD(sort, .name = "sort", .group = "text", .help = "lines in order",
    .usage = "[-nrfbVusc] [-t CHAR] [-k FROM[,TO]]... [FILE...]", .run = cmd_sort);
