/* Words to arguments, in POSIX's order: expansion, field splitting, globbing, quote removal (2.6).
 *
 * A field grows as two strings side by side: what it says, and the same as a pattern, in which all that was quoted is
 * escaped. When it ends and had a wildcard outside of quotes, the pattern is asked for; without a match it stays what
 * it says. Only what comes out of $NAME and $( ) outside of quotes is split, at blanks, tabs and newlines.
 */
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script_exec.h"
#include "lib/string.h"

struct bytes {
    char *p;
    size_t n, cap;
};

struct expansion {
    struct script_env *env;
    const struct streams *io;
    struct fields *fields; /* NULL: into one string */
    struct bytes text, pattern;
    bool whole;   /* the word is one field whatever is in it */
    bool started; /* there is a field, though it may be empty: "" */
    bool wild;
    int err;
    int subst_status;
    unsigned line;
};

static void bytes_add(struct expansion *x, struct bytes *b, const char *p, size_t n)
{
    if (x->err)
        return;
    if (b->n + n >= b->cap) {
        size_t cap = max(b->cap * 2, b->n + n + 64);
        char *bigger = cap > 2 * SCRIPT_ARG_MAX + 64 ? NULL : mem_alloc(cap);
        if (!bigger) {
            x->err = cap > 2 * SCRIPT_ARG_MAX + 64 ? -E2BIG : -ENOMEM;
            return;
        }
        if (b->n)
            memcpy(bigger, b->p, b->n);
        mem_free(b->p);
        b->p = bigger;
        b->cap = cap;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '[' || c == ']' || c == '\\' || c == '!' || c == '-' || c == '^';
}

/* Bytes that belong to the field; `live`: wildcards among them count. */
static void add_text(struct expansion *x, const char *p, size_t n, bool live)
{
    x->started = true;
    bytes_add(x, &x->text, p, n);
    for (size_t i = 0; x->fields && i < n; i++) {
        bool wildcard = p[i] == '*' || p[i] == '?' || p[i] == '[';
        if ((!live && is_special(p[i])) || p[i] == '\\')
            bytes_add(x, &x->pattern, "\\", 1);
        bytes_add(x, &x->pattern, p + i, 1);
        x->wild |= live && wildcard;
    }
}

static void field_add(void *arg, const char *text)
{
    struct expansion *x = arg;
    struct fields *f = x->fields;

    if (f->n + 1 >= f->cap) {
        int cap = f->cap ? f->cap * 2 : 16;
        char **v = mem_alloc((size_t)cap * sizeof(*v));
        if (!v) {
            x->err = -ENOMEM;
            return;
        }
        if (f->n)
            memcpy(v, f->v, (size_t)f->n * sizeof(*v));
        mem_free(f->v);
        f->v = v;
        f->cap = cap;
    }
    f->bytes += strlen(text) + 1;
    char *copy = f->bytes > SCRIPT_ARG_MAX ? NULL : str_dup(text);
    if (!copy && !x->err)
        x->err = f->bytes > SCRIPT_ARG_MAX ? -E2BIG : -ENOMEM;
    if (copy)
        f->v[f->n++] = copy;
    f->v[f->n] = NULL;
}

static void end_field(struct expansion *x)
{
    if (!x->started || x->err)
        return;
    int found = x->wild && !x->env->noglob ? file_glob(x->env->net, x->pattern.p, field_add, x) : 0;
    if (found < 0)
        x->err = found;
    if (found == 0)
        field_add(x, x->text.p ? x->text.p : "");
    x->text.n = x->pattern.n = 0;
    if (x->text.p)
        x->text.p[0] = '\0';
    if (x->pattern.p)
        x->pattern.p[0] = '\0';
    x->started = x->wild = false;
}

static bool is_ifs(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static void add_split(struct expansion *x, const char *p, size_t n)
{
    for (size_t i = 0; i < n && !x->err;) {
        size_t j = i;
        while (j < n && !is_ifs(p[j]))
            j++;
        if (j > i)
            add_text(x, p + i, j - i, true);
        if (j < n)
            end_field(x);
        while (j < n && is_ifs(p[j]))
            j++;
        i = j;
    }
}

static void add_value(struct expansion *x, const struct part *part, const char *p, size_t n)
{
    if (part->quoted || x->whole)
        add_text(x, p, n, false);
    else
        add_split(x, p, n);
}

static void add_var(struct expansion *x, const struct part *part)
{
    const char *value = script_get(x->env, part->text);

    if (!value && x->env->nounset) {
        script_say(x->env, x->io, x->line, "%s: parameter not set", part->text);
        x->err = -EINVAL;
    }
    if (!value)
        value = "";
    add_value(x, part, value, strlen(value));
}

static void add_status(struct expansion *x, const struct part *part)
{
    char digits[16];

    add_value(x, part, digits, fmt(digits, sizeof(digits), "%d", x->env->status));
}

static void add_subst(struct expansion *x, const struct part *part)
{
    size_t n = 0;
    char *text = script_subst(x->env, part->subst, x->io, &n, &x->subst_status);

    if (!text) {
        x->err = -EINVAL; /* said already */
        return;
    }
    if (x->env->exiting) /* Ctrl-C met it */
        x->err = -EINTR;
    add_value(x, part, text, n);
    mem_free(text);
}

static void add_parts(struct expansion *x, const struct word *w)
{
    x->line = w->line;
    x->whole = !x->fields || w->assign;
    for (const struct part *part = w->parts; part && !x->err; part = part->next) {
        switch (part->kind) {
        case PART_TEXT: add_text(x, part->text, part->len, !part->quoted && !x->whole); break;
        case PART_VAR: add_var(x, part); break;
        case PART_STATUS: add_status(x, part); break;
        case PART_SUBST: add_subst(x, part); break;
        }
    }
}

/* Says why, unless that was done where it happened, and stops the script as an expansion error does in sh. In a
 * here-document it is an error of the redirection (dash): the command alone fails. */
static int give_up(struct expansion *x, bool here)
{
    if (x->err == -E2BIG || x->err == -ENOMEM)
        script_say(x->env, x->io, x->line, "%s", errno_text(x->err));
    if (!x->env->exiting && !here)
        script_stop(x->env, 2);
    return x->err;
}

int script_expand(struct script_env *env, const struct word *words, const struct streams *io, struct fields *f)
{
    struct expansion x = {.env = env, .io = io, .fields = f};

    *f = (struct fields){.v = NULL};
    for (const struct word *w = words; w && !x.err; w = w->next) {
        add_parts(&x, w);
        end_field(&x);
    }
    mem_free(x.text.p);
    mem_free(x.pattern.p);
    f->subst_status = x.subst_status;
    return x.err ? give_up(&x, false) : 0;
}

char *script_expand_one(struct script_env *env, const struct word *w, const struct streams *io, bool here,
                        int *subst_status, size_t *len)
{
    struct expansion x = {.env = env, .io = io, .subst_status = subst_status ? *subst_status : 0};

    add_parts(&x, w);
    bytes_add(&x, &x.text, "", 0);
    if (x.err) {
        mem_free(x.text.p);
        give_up(&x, here);
        return NULL;
    }
    if (subst_status)
        *subst_status = x.subst_status;
    if (len)
        *len = x.text.n;
    return x.text.p;
}

void script_fields_free(struct fields *f)
{
    for (int i = 0; i < f->n; i++)
        mem_free(f->v[i]);
    mem_free(f->v);
}
