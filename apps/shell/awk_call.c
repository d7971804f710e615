/* awk's functions: length substr index match tolower toupper int sprintf split sub gsub.
 *
 * Positions and lengths count bytes. New text is made in the statement's scratch memory, so that nothing is freed piece
 * by piece. Each takes its values from the machine's stack and leaves one there.
 */
#include "apps/shell/awk_machine.h"
#include "lib/plat.h"
#include "lib/string.h"

static bool length(struct awk_machine *m, u32 n)
{
    const char *p;
    u32 len;
    if (!n) {
        if (awk_record_join(&m->record, m->variable[AWK_OFS].value.p, m->variable[AWK_OFS].value.n))
            return awk_fail(m, -ENOMEM);
        return awk_push(m, awk_of_number(awk_whole(m->record.n)));
    }
    struct awk_value v = awk_pop(m);
    return awk_text_at(m, &v, &p, &len) && awk_push(m, awk_of_number(awk_whole(len)));
}

/* A position as substr rounds it. */
static i64 rounded(const struct awk_value *v)
{
    awk_number n = awk_number_of(v), half = n < 0 ? -(AWK_ONE / 2) : AWK_ONE / 2;
    return awk_integer(n + half);
}

static bool substr(struct awk_machine *m, u32 n)
{
    const char *p;
    u32 len;
    i64 count = INT64_MAX / 4;
    if (n == 3) {
        struct awk_value v = awk_pop(m);
        count = max(rounded(&v), (i64)0);
    }
    struct awk_value at = awk_pop(m), text = awk_pop(m);
    if (!awk_text_at(m, &text, &p, &len))
        return false;
    i64 from = min(max(rounded(&at), -(INT64_MAX / 4)), INT64_MAX / 4), end = from + min(count, INT64_MAX / 4);
    from = max(from, (i64)1);
    end = min(end, (i64)len + 1);
    return awk_push(m, from < end ? awk_of_text(p + from - 1, (size_t)(end - from)) : awk_of_text("", 0));
}

static bool find(struct awk_machine *m)
{
    const char *p, *q;
    u32 n, k;
    struct awk_value what = awk_pop(m), text = awk_pop(m);
    if (!awk_text_at(m, &text, &p, &n) || !awk_text_at(m, &what, &q, &k))
        return false;
    const char *hit = k ? memmem(p, n, q, k) : NULL;
    return awk_push(m, awk_of_number(awk_whole(hit ? hit - p + 1 : 0)));
}

static bool match(struct awk_machine *m)
{
    const char *p;
    u32 n;
    struct awk_value what = awk_pop(m), text = awk_pop(m);
    struct regex *re = awk_pattern(m, &what);
    size_t start = 0, end = 0;
    if (!re || !awk_text_at(m, &text, &p, &n))
        return false;
    bool yes = regex_find(re, p, n, 0, &start, &end);
    struct awk_value at = awk_of_number(awk_whole(yes ? (i64)start + 1 : 0));
    struct awk_value len = awk_of_number(awk_whole(yes ? (i64)(end - start) : -1));
    return awk_set_variable(m, AWK_RSTART, &at) && awk_set_variable(m, AWK_RLENGTH, &len) && awk_push(m, at);
}

static bool change_case(struct awk_machine *m, bool upper)
{
    const char *p;
    u32 n;
    struct awk_value v = awk_pop(m);
    if (!awk_text_at(m, &v, &p, &n))
        return false;
    char *to = awk_scratch_get(&m->memory, n);
    if (!to)
        return awk_fail(m, -ENOMEM);
    for (u32 i = 0; i < n; i++)
        to[i] = upper ? char_upper(p[i]) : char_lower(p[i]);
    return awk_push(m, awk_of_text(to, n));
}

static bool whole(struct awk_machine *m)
{
    struct awk_value v = awk_pop(m);
    return awk_push(m, awk_of_number(awk_cut(awk_number_of(&v))));
}

static bool sprintf_call(struct awk_machine *m, u32 n)
{
    const char *p;
    u32 len;
    m->top -= n;
    return awk_format(m, &m->stack[m->top], n, &p, &len) && awk_push(m, awk_of_text(p, len));
}

bool awk_call(struct awk_machine *m, enum awk_function f, u32 n)
{
    switch (f) {
    case AWK_LENGTH: return length(m, n);
    case AWK_SUBSTR: return substr(m, n);
    case AWK_INDEX: return find(m);
    case AWK_MATCH: return match(m);
    case AWK_LOWER:
    case AWK_UPPER: return change_case(m, f == AWK_UPPER);
    case AWK_INT: return whole(m);
    default: return sprintf_call(m, n);
    }
}

/* ---- split ---- */

struct splitting {
    struct awk_machine *m;
    struct awk_array *a;
    u32 n;
};

static int add_part(void *arg, const char *p, u32 n)
{
    struct splitting *s = arg;
    char key[AWK_TEXT];
    size_t len = awk_text(key, awk_whole(++s->n));
    struct awk_element *e = awk_array_find(&s->m->memory, s->a, &s->m->secret, key, (u32)len, true);
    struct awk_value v = awk_of_outside(p, n);
    return e && awk_cell_set(&s->m->memory, &e->cell, &v) ? 0 : -ENOMEM;
}

bool awk_split(struct awk_machine *m, unsigned array, u32 n)
{
    struct awk_cutter cut;
    struct awk_value by = n == 2 ? awk_pop(m) : m->variable[AWK_FS].value, text = awk_pop(m);
    const char *p, *copy;
    u32 len;
    if (!awk_text_at(m, &text, &p, &len) || !awk_cutter_for(m, &by, &cut))
        return false;
    char *own = awk_scratch_get(&m->memory, len); /* the text may be an element of the very array */
    if (!own)
        return awk_fail(m, -ENOMEM);
    memcpy(own, p, len);
    copy = own;
    struct splitting s = {m, &m->array[array], 0};
    awk_array_clear(&m->memory, s.a);
    int err = awk_cut_text(&cut, copy, len, add_part, &s);
    return err ? awk_fail(m, err) : awk_push(m, awk_of_number(awk_whole(s.n)));
}

/* ---- sub, gsub ---- */

struct growing {
    struct awk_memory *memory;
    char *p;
    size_t n, room;
};

static bool grow(struct growing *g, const char *p, size_t n)
{
    if (g->n + n > g->room) {
        size_t room = max(g->room * 2, g->n + n + 64);
        char *more = awk_scratch_get(g->memory, room);
        if (!more)
            return false;
        if (g->n)
            memcpy(more, g->p, g->n);
        g->p = more;
        g->room = room;
    }
    if (n)
        memcpy(g->p + g->n, p, n);
    g->n += n;
    return true;
}

/* `&` is what matched, `\&` an ampersand. */
static bool grow_replacement(struct growing *g, const char *by, u32 n, const char *hit, size_t hit_n)
{
    for (u32 i = 0; i < n; i++) {
        bool quoted = by[i] == '\\' && i + 1 < n && (by[i + 1] == '&' || by[i + 1] == '\\');
        i += quoted;
        bool ok = by[i] == '&' && !quoted ? grow(g, hit, hit_n) : grow(g, by + i, 1);
        if (!ok)
            return false;
    }
    return true;
}

bool awk_substitute(struct awk_machine *m, struct regex *re, struct awk_value by, struct awk_value in, bool all,
                    struct awk_value *out, u32 *count)
{
    struct growing g = {.memory = &m->memory};
    const char *p, *r;
    u32 n, rn;
    size_t at = 0, start, end, copied = 0;
    *count = 0;
    if (!awk_text_at(m, &in, &p, &n) || !awk_text_at(m, &by, &r, &rn))
        return false;
    while (at <= n && (all || !*count) && regex_find(re, p, n, at, &start, &end)) {
        if (task_interrupted()) /* each search may go over all of a long text */
            return awk_fail(m, -EINTR);
        bool again = end == start && *count && start == copied && start > 0; /* an empty match right behind another */
        if (!again) {
            ++*count;
            if (!grow(&g, p + copied, start - copied) || !grow_replacement(&g, r, rn, p + start, end - start))
                return awk_fail(m, -ENOMEM);
            copied = end;
        }
        at = end > start ? end : end + 1;
    }
    if (!grow(&g, p + copied, n - copied))
        return awk_fail(m, -ENOMEM);
    *out = awk_of_text(g.p, g.n);
    return true;
}
