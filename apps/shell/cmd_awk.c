/* awk: fields, conditions, sums, reports.
 *
 *     awk '{print $1, $9}' /proc/net/softnet_stat      ss -tn | awk '$2 > 0 || $3 > 0'
 *     awk -F: '/eth/ {s += $2; n++} END {printf "%.1f\n", s / n}' FILE      awk -v max=5 'NR <= max'
 *
 * The language of POSIX awk but for functions of one's own, getline, files and pipes from within, and floating point:
 * numbers are decimal with nine places (awk_number.h), sums and counters exact. Text is bytes. A program, its variables
 * and arrays are bounded (awk_program.h, AWK_BYTES); a loop without end is ended by Ctrl-C.
 */
#include "apps/shell/awk_machine.h"
#include "apps/shell/awk_parse.h"
#include "apps/shell/escape.h"
#include "apps/shell/feed.h"
#include "apps/shell/option.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/rand.h"
#include "lib/string.h"

#define PROGRAM_BYTES 65536

struct awk {
    struct awk_machine m;
    struct awk_program g;
    struct awk_parser p;
    i64 nr, fnr;
    bool done; /* exit */
};

static void set_text(struct awk_machine *m, unsigned i, const char *p, size_t n)
{
    struct awk_value v = awk_of_outside(p, n);
    awk_set_variable(m, i, &v);
}

/* The text of an option, with its escapes read. */
static void set_escaped(struct awk_machine *m, unsigned i, const char *s)
{
    char text[256], piece[4];
    size_t n = 0;
    while (*s && n + 4 < sizeof(text)) {
        int len = 1;
        piece[0] = *s++;
        if (piece[0] == '\\' && *s)
            len = max(escape_read(&s, piece, false), 0);
        memcpy(text + n, piece, (size_t)len);
        n += (size_t)len;
    }
    set_text(m, i, text, n);
}

static bool assign_variable(struct awk *a, const char *word)
{
    char name[AWK_NAME_MAX];
    size_t n = strcspn(word, "=");
    if (!word[n] || !n || char_is_digit(*word) || str_copy_n(name, sizeof(name), word, n) >= sizeof(name))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!char_is_alnum(name[i]) && name[i] != '_')
            return false;
    unsigned index = awk_name_index(&a->p, name, 1);
    set_escaped(&a->m, index, word + n + 1);
    return !a->p.failed;
}

/* Runs the items of one kind in the order of the program; false when it shall end. */
static bool run_items(struct awk *a, int when)
{
    for (u32 i = 0; i < a->g.items && !a->m.error; i++) {
        if ((int)a->g.item[i].when != when)
            continue;
        enum awk_end end = awk_run(&a->m, a->g.item[i].start);
        a->done |= end == AWK_WANTS_EXIT;
        if (end == AWK_WANTS_NEXT)
            break;
        if (a->done)
            return false;
    }
    return !a->m.error;
}

static bool has_items(const struct awk *a, int when)
{
    for (u32 i = 0; i < a->g.items; i++)
        if ((int)a->g.item[i].when == when)
            return true;
    return false;
}

static int take_record(void *arg, const struct line *l)
{
    struct awk *a = arg;
    struct awk_value nr = awk_of_number(awk_whole(++a->nr)), fnr = awk_of_number(awk_whole(++a->fnr));
    awk_scratch_reset(&a->m.memory);
    awk_set_variable(&a->m, AWK_NR, &nr);
    awk_set_variable(&a->m, AWK_FNR, &fnr);
    if (awk_record_set(&a->m.record, l->p, (u32)l->n, false))
        awk_fail(&a->m, -ENOMEM);
    if (a->m.error)
        return FEED_ENOUGH;
    return run_items(a, AWK_MAIN) ? 0 : FEED_ENOUGH;
}

static int read_all(struct awk *a, int at)
{
    struct cmd_ctx *c = a->m.c;
    int status = 0;
    do {
        const char *path = at < c->argc ? c->argv[at] : NULL;
        a->fnr = 0;
        set_text(&a->m, AWK_FILENAME, path ? path : "", path ? strlen(path) : 0);
        int err = feed_lines(c, path, take_record, a);
        status = max(status, err ? max(feed_error(c, path, err), 2) : 0);
    } while (++at < c->argc && !a->done && !a->m.error && status < 128);
    return status;
}

static int report(struct awk *a)
{
    struct awk_machine *m = &a->m;
    if (m->error == -EINTR || m->error == -EPIPE)
        return m->error == -EINTR ? 130 : 141;
    if (m->error == -EDOM)
        cmd_error(m->c, "%s%s", a->nr ? "" : "BEGIN: ", m->why);
    else if (m->error == -ENOMEM)
        cmd_error(m->c, "more than %u MiB of variables and text, or no memory", (unsigned)(AWK_BYTES / MIB));
    else
        cmd_error(m->c, "%s", errno_text(m->error));
    return 2;
}

static int run_program(struct awk *a, int at)
{
    int status = 0;
    run_items(a, AWK_BEGIN);
    if (!a->done && !a->m.error && (has_items(a, AWK_MAIN) || has_items(a, AWK_AT_END)))
        status = read_all(a, at);
    if (status < 128 && !a->m.error) {
        a->done = false;
        run_items(a, AWK_AT_END);
    }
    return a->m.error ? report(a) : a->m.status ? a->m.status : status;
}

static void start_machine(struct awk *a, struct cmd_ctx *c)
{
    a->m.c = c;
    a->m.g = &a->g;
    a->g.memory = a->m.record.memory = &a->m.memory;
    a->m.record.joined = a->m.record.split = true;
    rand_bytes(&a->m.secret, sizeof(a->m.secret));
    set_text(&a->m, AWK_FS, " ", 1);
    set_text(&a->m, AWK_OFS, " ", 1);
    set_text(&a->m, AWK_ORS, "\n", 1);
    set_text(&a->m, AWK_SUBSEP, "\034", 1);
}

static void free_machine(struct awk *a)
{
    struct awk_machine *m = &a->m;
    for (u32 i = 0; i < AWK_NAMES; i++) {
        awk_cell_clear(&m->memory, &m->variable[i]);
        awk_array_clear(&m->memory, &m->array[i]);
    }
    for (u32 i = 0; i < a->g.constants; i++)
        awk_cell_clear(&m->memory, &a->g.constant[i]);
    for (u32 i = 0; i < a->g.regexes; i++)
        regex_free(a->g.regex[i]);
    regex_free(m->made.re);
    regex_free(m->separator.re);
    awk_put(&m->memory, m->made.text);
    awk_put(&m->memory, m->separator.text);
    awk_record_free(&m->record);
    awk_scratch_free(&m->memory);
}

struct words {
    const char *separator, *file, *assign[8];
    unsigned assigns;
};

static int run_words(struct awk *a, struct cmd_ctx *c, const struct words *w, int at)
{
    const char *text = w->file || at >= c->argc ? NULL : c->argv[at++];
    char *loaded = NULL;
    size_t n = text ? strlen(text) : 0;
    if (w->file) {
        int err = file_load(c->net, w->file, PROGRAM_BYTES, &loaded, &n);
        if (err)
            return cmd_error(c, "%s: %s", w->file, errno_text(err));
        text = loaded;
    }
    if (!text)
        return cmd_usage(c, "which program?");
    start_machine(a, c);
    int status = 2;
    bool ok = awk_parse(&a->p, &a->g, text, n);
    if (!ok)
        cmd_error(c, "%s", a->p.why);
    if (w->separator)
        set_escaped(&a->m, AWK_FS, w->separator);
    for (unsigned i = 0; i < w->assigns && ok; i++)
        if (!(ok = assign_variable(a, w->assign[i])))
            cmd_usage(c, "-v %s: NAME=VALUE was expected", w->assign[i]);
    if (ok)
        status = run_program(a, at);
    free_machine(a);
    mem_free(loaded);
    return status;
}

static int cmd_awk(struct cmd_ctx *c)
{
    struct words w = {.assigns = 0};
    struct option_reader o;
    int letter;
    option_start(&o, c, "F:v:f:");
    o.strict = true;
    while ((letter = option_next(&o)) > 0) {
        if (letter == 'F')
            w.separator = o.value;
        else if (letter == 'f')
            w.file = o.value;
        else if (w.assigns < ARRAY_LEN(w.assign))
            w.assign[w.assigns++] = o.value;
        else
            return cmd_usage(c, "more than %u assignments", (unsigned)ARRAY_LEN(w.assign));
    }
    if (o.bad)
        return option_refuse(&o);
    struct awk *a = mem_zalloc(sizeof(*a));
    if (!a)
        return cmd_error(c, "memory exhausted");
    int status = run_words(a, c, &w, o.at);
    mem_free(a);
    return status;
}

CMD(awk, .name = "awk", .group = "text", .help = "fields, conditions and sums of lines",
    .usage = "[-F SEPARATOR] [-v NAME=VALUE] PROGRAM | -f FILE  [FILE...]", .run = cmd_awk);
