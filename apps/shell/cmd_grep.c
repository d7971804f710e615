/* grep: the lines that match.
 *
 *     grep -iE 'drop|err' FILE...      grep -r . /sys/class/net/eth0/queues      dmesg | grep -A2 eth0
 *
 * Options, output and exit status are those of GNU grep (0: something matched, 1: nothing did, 2: an error), without
 * colours. Expressions are lib/regex's: linear in the text, without back-references. Lines kept for -B are bounded by
 * CONTEXT_BYTES. Recursion (-r) goes down DEPTH_MAX directories and no further, which the tree of names never needs.
 */
#include "apps/shell/dir.h"
#include "apps/shell/feed.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/regex.h"
#include "lib/string.h"

#define PATTERNS_MAX  16
#define CONTEXT_MAX   1000 /* lines */
#define CONTEXT_BYTES (1024 * 1024)
#define DEPTH_MAX     12

struct grep {
    struct cmd_ctx *c;
    struct option_reader o;
    unsigned flags; /* regex_flag */
    bool invert, count, list, list_without, only, quiet, number, recursive, names, no_names, silent;
    u64 before, after, around, most; /* lines; before, after: UINT64_MAX is as many as `around` */
    struct regex *pattern[PATTERNS_MAX];
    unsigned patterns;

    /* of the file being read */
    const char *path; /* as it is shown */
    u64 line, matches, after_due, last_shown;
    struct kept {
        char *p;
        size_t n;
    } * kept; /* a ring of `before` lines, the one of line i at i % before */
    size_t kept_bytes;
    bool any_shown; /* since the start: a `--` is due before the next group */

    bool found, failed;
};

/* ---- words ---- */

static bool add_pattern(struct grep *g, const char *p, size_t n)
{
    const char *why = "too many patterns";
    struct regex *re = g->patterns == PATTERNS_MAX ? NULL : regex_compile(p, n, g->flags, &why);
    if (!re) {
        cmd_error(g->c, "%.*s: %s", (int)min(n, (size_t)100), p, why);
        return false;
    }
    g->pattern[g->patterns++] = re;
    return true;
}

/* A newline in the text parts patterns, any of which may match. */
static bool add_patterns(struct grep *g, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, "\n");
        if (!add_pattern(g, text, n))
            return false;
        if (!text[n])
            return true;
        text += n + 1;
    }
}

static void take_option(struct grep *g, int letter)
{
    switch (letter) {
    case 'E': g->flags = (g->flags & ~(unsigned)REGEX_FIXED) | REGEX_ERE; break;
    case 'F': g->flags = (g->flags & ~(unsigned)REGEX_ERE) | REGEX_FIXED; break;
    case 'G': g->flags &= ~(unsigned)(REGEX_ERE | REGEX_FIXED); break;
    case 'i':
    case 'y': g->flags |= REGEX_ICASE; break;
    case 'w': g->flags |= REGEX_WORD; break;
    case 'x': g->flags |= REGEX_LINE; break;
    case 'v': g->invert = true; break;
    case 'c': g->count = true; break;
    case 'l':
    case 'L':
        g->list = letter == 'l';
        g->list_without = !g->list;
        break;
    case 'o': g->only = true; break;
    case 'q': g->quiet = true; break;
    case 's': g->silent = true; break;
    case 'n': g->number = true; break;
    case 'r':
    case 'R': g->recursive = true; break;
    case 'H':
    case 'h':
        g->names = letter == 'H';
        g->no_names = !g->names;
        break;
    case 'm': g->most = option_number(&g->o, 0, UINT64_MAX / 16); break;
    case 'A': g->after = option_number(&g->o, 0, CONTEXT_MAX); break;
    case 'B': g->before = option_number(&g->o, 0, CONTEXT_MAX); break;
    case 'C': g->around = option_number(&g->o, 0, CONTEXT_MAX); break;
    }
}

/* ---- print ---- */

static void prefix(struct grep *g, char mark)
{
    struct out *o = g->c->out;
    if (g->names)
        out_text(o, "%s%c", g->path, mark);
    if (g->number)
        out_text(o, "%llu%c", (unsigned long long)g->line, mark);
}

static void show_bytes(struct grep *g, const char *p, size_t n)
{
    out_raw(g->c->out, p, n);
    out_raw(g->c->out, "\n", 1);
}

/* Where the next match in the line is, of all patterns the leftmost and then the longest. */
static bool next_match(struct grep *g, const struct line *l, size_t from, size_t *start, size_t *end)
{
    bool any = false;
    for (unsigned i = 0; i < g->patterns; i++) {
        size_t s, e;
        if (!regex_find(g->pattern[i], l->p, l->n, from, &s, &e))
            continue;
        if (!any || s < *start || (s == *start && e > *end)) {
            *start = s;
            *end = e;
        }
        any = true;
    }
    return any;
}

static void show_matches(struct grep *g, const struct line *l)
{
    size_t start, end;
    for (size_t at = 0; at <= l->n && next_match(g, l, at, &start, &end); at = max(end, at + 1)) {
        if (task_interrupted()) /* each search may go over all of a long line */
            return;
        if (end > start) {
            prefix(g, ':');
            show_bytes(g, l->p + start, end - start);
        } else {
            end = start + 1;
        }
    }
}

/* ---- context ---- */

static int keep_line(struct grep *g, const struct line *l)
{
    struct kept *k = &g->kept[g->line % g->before];
    g->kept_bytes -= k->n;
    mem_free(k->p);
    *k = (struct kept){0};
    if (g->kept_bytes + l->n > CONTEXT_BYTES)
        return -ENOMEM;
    k->p = mem_alloc(l->n + 1);
    if (!k->p)
        return -ENOMEM;
    memcpy(k->p, l->p, l->n);
    k->n = l->n;
    g->kept_bytes += l->n;
    return 0;
}

static void forget_lines(struct grep *g)
{
    for (u64 i = 0; g->kept && i < g->before; i++)
        mem_free(g->kept[i].p);
    if (g->kept)
        memset(g->kept, 0, g->before * sizeof(*g->kept));
    g->kept_bytes = 0;
}

/* Before a line that matched: the mark between groups, and the lines kept. */
static void show_before(struct grep *g)
{
    u64 line = g->line, first = line - min(g->before, line - 1);
    first = max(first, g->last_shown + 1);
    if ((g->before || g->after) && g->any_shown && first > g->last_shown + (g->last_shown > 0))
        out_text(g->c->out, "--\n");
    for (g->line = first; g->line < line; g->line++) {
        const struct kept *k = &g->kept[g->line % g->before];
        prefix(g, '-');
        show_bytes(g, k->p, k->n);
    }
    g->line = line;
}

static void show_line(struct grep *g, const struct line *l, bool matched)
{
    if (matched && !g->only)
        show_before(g);
    if (matched && g->only) {
        if (!g->invert)
            show_matches(g, l);
    } else {
        prefix(g, matched ? ':' : '-');
        show_bytes(g, l->p, l->n);
    }
    g->last_shown = g->line;
    g->any_shown = true;
}

/* ---- act ---- */

static bool line_matches(struct grep *g, const struct line *l)
{
    bool any = false;
    for (unsigned i = 0; i < g->patterns && !any; i++)
        any = regex_test(g->pattern[i], l->p, l->n);
    return any != g->invert;
}

static int take_line(void *arg, const struct line *l)
{
    struct grep *g = arg;
    bool quiet = g->quiet || g->list || g->list_without || g->count;
    g->line++;
    bool done = g->matches >= g->most;
    if (!done && line_matches(g, l)) {
        g->matches++;
        g->found = true;
        g->after_due = g->after;
        if (!quiet)
            show_line(g, l, true);
        else if (g->quiet || !g->count)
            return FEED_ENOUGH;
    } else if (g->after_due && !quiet && !g->only) {
        g->after_due--;
        show_line(g, l, false);
    } else if (g->before && !quiet && !g->only && !done) {
        return keep_line(g, l);
    }
    return g->matches >= g->most && !g->after_due ? FEED_ENOUGH : 0;
}

/* What is said of a file as a whole. */
static void conclude_file(struct grep *g)
{
    struct out *o = g->c->out;
    if (g->quiet)
        return;
    if (g->list || g->list_without) {
        if ((g->matches > 0) == g->list)
            out_text(o, "%s\n", g->path);
    } else if (g->count) {
        if (g->names)
            out_text(o, "%s:", g->path);
        out_text(o, "%llu\n", (unsigned long long)g->matches);
    }
}

static int search_file(struct grep *g, const char *path)
{
    g->path = path ? path : "(standard input)";
    g->line = g->matches = g->after_due = g->last_shown = 0;
    int err = g->most ? feed_lines(g->c, path, take_line, g) : 0;
    forget_lines(g);
    if (err && err != -EINTR && err != -EPIPE) {
        g->failed = true;
        if (!g->silent)
            feed_error(g->c, path, err);
        return 0;
    }
    if (!err)
        conclude_file(g);
    return err;
}

static int search_tree(struct grep *g, char *path, unsigned depth)
{
    struct dir d;
    size_t n = strlen(path);
    int err = dir_read(&d, g->c->net, path);
    if (err) {
        g->failed = true;
        if (!g->silent)
            cmd_error(g->c, "%s: %s", path, errno_text(err));
        err = 0;
    }
    for (const struct dir_entry *e = dir_next(&d, NULL); e && !err && !(g->quiet && g->found); e = dir_next(&d, e)) {
        str_append(path, FILE_PATH_MAX, str_ends(path, "/") ? "" : "/");
        if (str_append(path, FILE_PATH_MAX, e->name) >= FILE_PATH_MAX)
            g->failed = true;
        else if (!e->st.dir)
            err = search_file(g, path);
        else if (depth < DEPTH_MAX)
            err = search_tree(g, path, depth + 1);
        path[n] = 0;
    }
    dir_free(&d);
    return err;
}

static int search_operand(struct grep *g, const char *operand)
{
    char path[FILE_PATH_MAX];
    struct file_stat st;
    if (!g->recursive || file_stat(g->c->net, operand, &st) != 0 || !st.dir)
        return search_file(g, str_eq(operand, "-") ? NULL : operand);
    g->names = !g->no_names;
    if (str_copy(path, sizeof(path), operand) >= sizeof(path)) {
        g->failed = true;
        cmd_error(g->c, "%s: %s", operand, errno_text(-ENAMETOOLONG));
        return 0;
    }
    return search_tree(g, path, 0);
}

static int search_all(struct grep *g, int at)
{
    struct cmd_ctx *c = g->c;
    int err = 0;
    g->names |= c->argc - at > 1 && !g->no_names;
    if (at == c->argc && g->recursive)
        return cmd_usage(c, "-r wants a directory");
    if (at == c->argc)
        err = search_file(g, NULL);
    for (; at < c->argc && !err && !(g->quiet && g->found); at++)
        err = search_operand(g, c->argv[at]);
    if (err)
        return feed_error(c, NULL, err);
    if (g->failed && !(g->quiet && g->found))
        return 2;
    return !g->found;
}

static int grep_with(struct grep *g)
{
    const char *patterns[PATTERNS_MAX];
    unsigned n = 0;
    int letter;
    g->most = g->before = g->after = UINT64_MAX;
    for (option_start(&g->o, g->c, "EFGiywxvcloqsnrRHhLe:m:A:B:C:"); (letter = option_next(&g->o)) > 0;) {
        if (letter != 'e')
            take_option(g, letter);
        else if (n == PATTERNS_MAX)
            return cmd_usage(g->c, "more than %u patterns", PATTERNS_MAX);
        else
            patterns[n++] = g->o.value;
    }
    g->before = g->before == UINT64_MAX ? g->around : g->before;
    g->after = g->after == UINT64_MAX ? g->around : g->after;
    if (g->o.bad)
        return option_refuse(&g->o);
    if (!n && g->o.at == g->c->argc)
        return cmd_usage(g->c, "which pattern?");
    if (!n)
        patterns[n++] = g->c->argv[g->o.at++];
    for (unsigned i = 0; i < n; i++)
        if (!add_patterns(g, patterns[i]))
            return 2;
    if (g->before && !(g->kept = mem_zalloc(g->before * sizeof(*g->kept)))) {
        cmd_error(g->c, "%s", errno_text(-ENOMEM));
        return 2;
    }
    return search_all(g, g->o.at);
}

static int run_grep(struct cmd_ctx *c, unsigned flags)
{
    struct grep g = {.c = c, .flags = flags};
    int status = grep_with(&g);
    forget_lines(&g);
    mem_free(g.kept);
    for (unsigned i = 0; i < g.patterns; i++)
        regex_free(g.pattern[i]);
    return status;
}

static int cmd_grep(struct cmd_ctx *c)
{
    return run_grep(c, 0);
}

static int cmd_egrep(struct cmd_ctx *c)
{
    return run_grep(c, REGEX_ERE);
}

static int cmd_fgrep(struct cmd_ctx *c)
{
    return run_grep(c, REGEX_FIXED);
}

#define USAGE "[-EFivwxcloqnrHhs] [-m N] [-A N] [-B N] [-C N] [-e PATTERN | PATTERN] [FILE...]"
CMD(grep, .name = "grep", .group = "text", .help = "lines that match a pattern", .usage = USAGE, .run = cmd_grep);
CMD(egrep, .name = "egrep", .group = "text", .help = "grep -E", .usage = USAGE, .run = cmd_egrep);
CMD(fgrep, .name = "fgrep", .group = "text", .help = "grep -F", .usage = USAGE, .run = cmd_fgrep);
