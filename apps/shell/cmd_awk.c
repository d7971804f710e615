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
    bool begun, done; /* a record was read; exit */
};

static void set_text(struct awk_machine *m, unsigned i, const char *p, size_t n)
{
    struct awk_value v = awk_of_outside(p, n);
    awk_set_variable(m, i, &v);
}

static void set_number(struct awk_machine *m, unsigned i, awk_number v)
{
    struct awk_value value = awk_of_number(v);
    awk_set_variable(m, i, &value);
}

/* The text of an option, with its escapes read: none is shorter than what it stands for. */
static void set_escaped(struct awk_machine *m, unsigned i, const char *s)
{
    char *text = awk_scratch_get(&m->memory, strlen(s)), piece[4];
    size_t n = 0;
    if (!text) {
        awk_fail(m, -ENOMEM);
        return;
    }
    while (*s) {
        int len = 1;
        piece[0] = *s++;
        if (piece[0] == '\\' && *s)
            len = max(escape_read(&s, piece, false), 0);
        memcpy(text + n, piece, (size_t)len);
        n += (size_t)len;
    }
    set_text(m, i, text, n);
}

/* The length of NAME in NAME=VALUE; 0: it is none. */
static size_t assigned_name(const char *word)
{
    size_t n = 0;
    while (char_is_alnum(word[n]) || word[n] == '_')
        n++;
    return word[n] == '=' && !char_is_digit(*word) ? n : 0;
}

static bool assign_variable(struct awk *a, const char *word)
{
    char name[AWK_NAME_MAX + 1]; /* one that is too long stays so */
    size_t n = assigned_name(word);
    str_copy_n(name, sizeof(name), word, n);
    unsigned index = awk_name_index(&a->p, name, 1);
    if (a->p.failed)
        return awk_complain(&a->m, "%.40s: %s", word, a->p.why);
    set_escaped(&a->m, index, word + n + 1);
    return !a->m.error;
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

/* NR and FNR go on from what the program made of them. */
static void count_up(struct awk_machine *m, unsigned i)
{
    awk_number n = awk_number_of(&m->variable[i].value);
    if (awk_add(n, AWK_ONE, &n))
        set_number(m, i, n);
}

static int take_record(void *arg, const struct line *l)
{
    struct awk *a = arg;
    a->begun = true;
    awk_scratch_reset(&a->m.memory);
    count_up(&a->m, AWK_NR);
    count_up(&a->m, AWK_FNR);
    if (awk_record_set(&a->m.record, l->p, (u32)l->n, false))
        awk_fail(&a->m, -ENOMEM);
    if (a->m.error)
        return FEED_ENOUGH;
    return run_items(a, AWK_MAIN) ? 0 : FEED_ENOUGH;
}

static int read_file(struct awk *a, const char *path)
{
    set_number(&a->m, AWK_FNR, 0);
    set_text(&a->m, AWK_FILENAME, path ? path : "", path ? strlen(path) : 0);
    int err = feed_lines(a->m.c, path, take_record, a);
    return err ? max(feed_error(a->m.c, path, err), 2) : 0;
}

/* An operand NAME=VALUE is no file: it counts from there on. */
static int read_all(struct awk *a, int at)
{
    struct cmd_ctx *c = a->m.c;
    bool any = false;
    int status = 0;
    for (; at < c->argc && !a->done && !a->m.error && status < 128; at++) {
        if (assigned_name(c->argv[at])) {
            assign_variable(a, c->argv[at]);
            continue;
        }
        any = true;
        status = max(status, read_file(a, c->argv[at]));
    }
    return any || a->m.error ? status : read_file(a, NULL);
}

static int report(struct awk *a)
{
    struct awk_machine *m = &a->m;
    if (m->error == -EINTR || m->error == -EPIPE)
        return m->error == -EINTR ? 130 : 141;
    if (m->error == -EDOM)
        cmd_error(m->c, "%s%s", a->begun ? "" : "BEGIN: ", m->why);
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
    set_number(&a->m, AWK_NR, 0);
    set_number(&a->m, AWK_FNR, 0);
    set_number(&a->m, AWK_RSTART, 0);
    set_number(&a->m, AWK_RLENGTH, -AWK_ONE);
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
        if (err) {
            cmd_error(c, "%s: %s", w->file, errno_text(err));
            return 2;
        }
        text = loaded;
    }
    if (!text)
        return cmd_usage(c, "which program?");
    start_machine(a, c);
    int status = 2;
    if (!awk_parse(&a->p, &a->g, text, n)) {
        cmd_error(c, "%s", a->p.why);
    } else {
        if (w->separator)
            set_escaped(&a->m, AWK_FS, w->separator);
        for (unsigned i = 0; i < w->assigns && !a->m.error; i++)
            assign_variable(a, w->assign[i]);
        status = run_program(a, at);
    }
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
        else if (!assigned_name(o.value))
            return cmd_usage(c, "-v %s: NAME=VALUE was expected", o.value);
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
