/* The machine that runs an awk program: one step after the other over a stack of values.
 *
 * Scratch memory and what was put back are given up at each statement, when no value is on the way. Every jump
 * backwards looks for Ctrl-C, so that a loop without end is ended by the person. An error stops the program with a
 * word.
 */
#include "apps/shell/awk_machine.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

bool awk_fail(struct awk_machine *m, int err)
{
    if (!m->error)
        m->error = err;
    return false;
}

bool awk_complain(struct awk_machine *m, const char *f, ...)
{
    va_list ap;
    if (m->error)
        return false;
    va_start(ap, f);
    fmt_v(m->why, sizeof(m->why), f, ap);
    va_end(ap);
    return awk_fail(m, -EDOM);
}

bool awk_push(struct awk_machine *m, struct awk_value v)
{
    if (m->top == AWK_STACK)
        return awk_complain(m, "an expression is too deep");
    m->stack[m->top++] = v;
    return true;
}

struct awk_value awk_pop(struct awk_machine *m)
{
    if (!m->top) { /* cannot be: the parser pairs them */
        awk_complain(m, "an expression is too deep");
        return (struct awk_value){.kind = AWK_UNSET};
    }
    return m->stack[--m->top];
}

bool awk_text_at(struct awk_machine *m, const struct awk_value *v, const char **p, u32 *n)
{
    return awk_text_of(&m->memory, v, p, n) || awk_fail(m, -ENOMEM);
}

static bool push_truth(struct awk_machine *m, bool yes)
{
    return awk_push(m, awk_of_number(yes ? AWK_ONE : 0));
}

static bool push_number(struct awk_machine *m, awk_number v)
{
    return awk_push(m, awk_of_number(v));
}

/* ---- patterns ---- */

static struct regex *pattern_in(struct awk_machine *m, struct awk_made *made, const struct awk_value *v)
{
    const char *p, *why;
    u32 n;
    if (v->kind == AWK_PATTERN)
        return m->g->regex[v->n];
    if (!awk_text_at(m, v, &p, &n))
        return NULL;
    if (made->re && made->n == n && memcmp(made->text, p, n) == 0)
        return made->re;
    regex_free(made->re);
    awk_put(&m->memory, made->text);
    *made = (struct awk_made){.text = awk_get(&m->memory, n), .n = n};
    if (!made->text) {
        awk_fail(m, -ENOMEM);
        return NULL;
    }
    memcpy(made->text, p, n);
    made->re = regex_compile(p, n, REGEX_ERE | REGEX_AWK, &why);
    if (!made->re)
        awk_complain(m, "/%.*s/: %s", (int)min(n, 60u), p, why);
    return made->re;
}

struct regex *awk_pattern(struct awk_machine *m, const struct awk_value *v)
{
    return pattern_in(m, &m->made, v);
}

bool awk_cutter_for(struct awk_machine *m, const struct awk_value *v, struct awk_cutter *cut)
{
    const char *p = "";
    u32 n = 0;
    *cut = (struct awk_cutter){.how = AWK_CUT_REGEX};
    if (v->kind != AWK_PATTERN && !awk_text_at(m, v, &p, &n))
        return false;
    if (v->kind != AWK_PATTERN && n < 2) {
        cut->how = !n ? AWK_CUT_EACH : *p == ' ' ? AWK_CUT_BLANKS : AWK_CUT_BYTE;
        cut->byte = n ? (u8)*p : 0;
        return true;
    }
    cut->regex = pattern_in(m, &m->separator, v);
    return cut->regex;
}

/* ---- the record ---- */

bool awk_split_record(struct awk_machine *m)
{
    struct awk_cutter cut;
    if (m->record.split)
        return true;
    if (!awk_cutter_for(m, &m->variable[AWK_FS].value, &cut))
        return false;
    int err = awk_record_split(&m->record, &cut);
    if (err == -E2BIG)
        return awk_complain(m, "a record has more than %u fields", AWK_FIELDS);
    return !err || awk_fail(m, err);
}

static bool join_record(struct awk_machine *m)
{
    const char *p;
    u32 n;
    if (m->record.joined)
        return true;
    return awk_text_at(m, &m->variable[AWK_OFS].value, &p, &n) &&
           (!awk_record_join(&m->record, p, n) || awk_fail(m, -ENOMEM));
}

static bool field_index(struct awk_machine *m, const struct awk_value *v, u32 *i)
{
    i64 n = awk_integer(awk_number_of(v));
    *i = (u32)n;
    if (n < 0 || n > AWK_FIELDS)
        return awk_complain(m, "$%lld: there are the fields 0 to %u", (long long)n, AWK_FIELDS);
    return true;
}

static bool get_field(struct awk_machine *m, const struct awk_value *index, struct awk_value *v)
{
    u32 i;
    if (!field_index(m, index, &i))
        return false;
    if (!i) {
        if (!join_record(m))
            return false;
        *v = awk_of_outside(m->record.text, m->record.n);
        return true;
    }
    if (!awk_split_record(m))
        return false;
    *v = i <= m->record.fields ? awk_of_outside(m->record.field[i].p, m->record.field[i].n)
                               : (struct awk_value){.kind = AWK_UNSET};
    return true;
}

static bool set_field(struct awk_machine *m, const struct awk_value *index, const struct awk_value *v)
{
    const char *p;
    u32 i, n;
    if (!field_index(m, index, &i) || !awk_text_at(m, v, &p, &n))
        return false;
    if (!i)
        return !awk_record_set(&m->record, p, n, true) || awk_fail(m, -ENOMEM);
    if (!awk_split_record(m))
        return false;
    int err = awk_record_set_field(&m->record, i, p, n);
    return !err || awk_fail(m, err);
}

/* ---- variables ---- */

bool awk_set_variable(struct awk_machine *m, unsigned i, const struct awk_value *v)
{
    if (i == AWK_NF) {
        i64 n = awk_integer(awk_number_of(v));
        if (!awk_split_record(m))
            return false;
        if (n < 0 || awk_record_set_count(&m->record, (u32)min(n, (i64)AWK_FIELDS + 1)))
            return awk_complain(m, "NF = %lld: a record has 0 to %u fields", (long long)n, AWK_FIELDS);
        return true;
    }
    if (i == AWK_FS && !awk_split_record(m)) /* the new one is for the next record */
        return false;
    return awk_cell_set(&m->memory, &m->variable[i], v) || awk_fail(m, -ENOMEM);
}

static bool get_variable(struct awk_machine *m, unsigned i, struct awk_value *v)
{
    if (i == AWK_NF) {
        if (!awk_split_record(m))
            return false;
        *v = awk_of_number(awk_whole(m->record.fields));
        return true;
    }
    *v = m->variable[i].value;
    return true;
}

static struct awk_element *element(struct awk_machine *m, unsigned array, const struct awk_value *key, bool make)
{
    const char *p;
    u32 n;
    if (!awk_text_at(m, key, &p, &n))
        return NULL;
    struct awk_element *e = awk_array_find(&m->memory, &m->array[array], &m->secret, p, n, make);
    if (!e && make)
        awk_fail(m, -ENOMEM);
    return e;
}

/* A variable, a field or an element, by what it is reached with. */
static bool get_target(struct awk_machine *m, unsigned kind, unsigned i, const struct awk_value *by,
                       struct awk_value *v)
{
    if (kind == AWK_TO_VARIABLE)
        return get_variable(m, i, v);
    if (kind == AWK_TO_FIELD)
        return get_field(m, by, v);
    struct awk_element *e = element(m, i, by, true);
    if (e)
        *v = e->cell.value;
    return e;
}

static bool set_target(struct awk_machine *m, unsigned kind, unsigned i, const struct awk_value *by,
                       const struct awk_value *v)
{
    if (kind == AWK_TO_VARIABLE)
        return awk_set_variable(m, i, v);
    if (kind == AWK_TO_FIELD)
        return set_field(m, by, v);
    struct awk_element *e = element(m, i, by, true);
    return e && (awk_cell_set(&m->memory, &e->cell, v) || awk_fail(m, -ENOMEM));
}

/* ---- steps ---- */

static bool assign(struct awk_machine *m, const struct awk_op_step *s, unsigned kind)
{
    struct awk_value v = awk_pop(m), by = {.kind = AWK_UNSET};
    if (kind != AWK_TO_VARIABLE)
        by = awk_pop(m);
    if (v.kind == AWK_PATTERN)
        v = awk_of_number(0);
    return set_target(m, kind, s->a, &by, &v) && awk_push(m, v);
}

static bool step_by_one(struct awk_machine *m, const struct awk_op_step *s)
{
    unsigned kind = s->b & AWK_STEP_TARGET;
    struct awk_value old, by = {.kind = AWK_UNSET};
    if (kind != AWK_TO_VARIABLE)
        by = awk_pop(m);
    if (!get_target(m, kind, s->a, &by, &old))
        return false;
    awk_number before = awk_number_of(&old), after;
    if (!awk_add(before, s->b & AWK_STEP_DOWN ? -AWK_ONE : AWK_ONE, &after))
        return awk_complain(m, "a number is out of range");
    struct awk_value v = awk_of_number(after);
    return set_target(m, kind, s->a, &by, &v) && push_number(m, s->b & AWK_STEP_AFTER ? before : after);
}

static bool calculate(struct awk_machine *m, enum awk_op op)
{
    struct awk_value y = awk_pop(m), x = awk_pop(m);
    awk_number a = awk_number_of(&x), b = awk_number_of(&y), r = 0;
    bool ok = op == AOP_ADD         ? awk_add(a, b, &r)
              : op == AOP_SUBTRACT  ? awk_add(a, -b, &r)
              : op == AOP_MULTIPLY  ? awk_multiply(a, b, &r)
              : op == AOP_DIVIDE    ? awk_divide(a, b, &r)
              : op == AOP_REMAINDER ? awk_remainder(a, b, &r)
                                    : awk_power(a, b, &r);
    if (!ok && op == AOP_POWER && awk_cut(b) != b)
        return awk_complain(m, "an exponent is a whole number");
    if (!ok && !b && (op == AOP_DIVIDE || op == AOP_REMAINDER))
        return awk_complain(m, "division by zero");
    return ok ? push_number(m, r) : awk_complain(m, "a number is out of range (10^20)");
}

static bool concatenate(struct awk_machine *m)
{
    struct awk_value y = awk_pop(m), x = awk_pop(m);
    const char *p, *q;
    u32 n, k;
    if (!awk_text_at(m, &x, &p, &n) || !awk_text_at(m, &y, &q, &k))
        return false;
    char *to = awk_scratch_get(&m->memory, (size_t)n + k);
    if (!to)
        return awk_fail(m, -ENOMEM);
    memcpy(to, p, n);
    memcpy(to + n, q, k);
    return awk_push(m, awk_of_text(to, (size_t)n + k));
}

static bool join_keys(struct awk_machine *m, u32 count)
{
    const char *p, *gap;
    u32 n, gap_n;
    size_t total = 0;
    m->top -= count;
    if (!awk_text_at(m, &m->variable[AWK_SUBSEP].value, &gap, &gap_n))
        return false;
    for (u32 i = 0; i < count; i++) {
        if (!awk_text_at(m, &m->stack[m->top + i], &p, &n))
            return false;
        m->stack[m->top + i] = awk_of_text(p, n);
        total += n + (i ? gap_n : 0);
    }
    char *to = awk_scratch_get(&m->memory, total), *start = to;
    if (!to)
        return awk_fail(m, -ENOMEM);
    for (u32 i = 0; i < count; i++) {
        memcpy(to, gap, i ? gap_n : 0);
        to += i ? gap_n : 0;
        memcpy(to, m->stack[m->top + i].p, m->stack[m->top + i].n);
        to += m->stack[m->top + i].n;
    }
    return awk_push(m, awk_of_text(start, total));
}

static bool compare(struct awk_machine *m, enum awk_relation how)
{
    struct awk_value y = awk_pop(m), x = awk_pop(m);
    int order;
    if (!awk_compare(&m->memory, &x, &y, &order))
        return awk_fail(m, -ENOMEM);
    switch (how) {
    case AWK_LESS: return push_truth(m, order < 0);
    case AWK_LESS_EQUAL: return push_truth(m, order <= 0);
    case AWK_EQUAL: return push_truth(m, order == 0);
    case AWK_NOT_EQUAL: return push_truth(m, order != 0);
    case AWK_GREATER: return push_truth(m, order > 0);
    default: return push_truth(m, order >= 0);
    }
}

static bool match(struct awk_machine *m, struct regex *re, bool not )
{
    struct awk_value text = awk_pop(m);
    const char *p;
    u32 n;
    return re && awk_text_at(m, &text, &p, &n) && push_truth(m, regex_test(re, p, n) != not );
}

static bool match_value(struct awk_machine *m, bool not )
{
    struct awk_value pattern = awk_pop(m);
    return match(m, awk_pattern(m, &pattern), not );
}

static bool substitute(struct awk_machine *m, const struct awk_op_step *s)
{
    unsigned kind = s->b & 0x7f;
    struct awk_value by = {.kind = AWK_UNSET}, text, made;
    u32 count;
    if (kind != AWK_TO_VARIABLE)
        by = awk_pop(m);
    struct awk_value with = awk_pop(m), pattern = awk_pop(m);
    struct regex *re = awk_pattern(m, &pattern);
    if (!re || !get_target(m, kind, s->a, &by, &text))
        return false;
    if (!awk_substitute(m, re, with, text, s->b & 0x80, &made, &count))
        return false;
    return (!count || set_target(m, kind, s->a, &by, &made)) && push_number(m, awk_whole(count));
}

/* ---- output ---- */

static bool print_variable(struct awk_machine *m, unsigned i)
{
    const char *p;
    u32 n;
    if (!awk_text_at(m, &m->variable[i].value, &p, &n))
        return false;
    out_raw(m->c->out, p, n);
    return true;
}

static bool print(struct awk_machine *m, u32 count)
{
    const char *p;
    u32 n;
    if (!count) {
        if (!join_record(m))
            return false;
        out_raw(m->c->out, m->record.text, m->record.n);
    }
    m->top -= count;
    for (u32 i = 0; i < count; i++) {
        if (!awk_text_at(m, &m->stack[m->top + i], &p, &n) || (i && !print_variable(m, AWK_OFS)))
            return false;
        out_raw(m->c->out, p, n);
    }
    if (!print_variable(m, AWK_ORS))
        return false;
    return !out_failed(m->c->out) || awk_fail(m, -EPIPE);
}

static bool print_format(struct awk_machine *m, u32 count)
{
    const char *p;
    u32 n;
    m->top -= count;
    if (!awk_format(m, &m->stack[m->top], count, &p, &n))
        return false;
    out_raw(m->c->out, p, n);
    return !out_failed(m->c->out) || awk_fail(m, -EPIPE);
}

/* ---- walks ---- */

static void end_walk(struct awk_machine *m)
{
    struct awk_walk *w = &m->walk[--m->walks];
    for (u32 i = 0; i < w->count; i++)
        awk_put(&m->memory, w->key[i]);
    awk_put(&m->memory, w->key);
    awk_put(&m->memory, w->n);
}

static bool begin_walk(struct awk_machine *m, const struct awk_array *a)
{
    if (m->walks == AWK_WALKS)
        return awk_complain(m, "too many loops over arrays within each other");
    struct awk_walk *w = &m->walk[m->walks++];
    *w = (struct awk_walk){.key = awk_get(&m->memory, a->count * sizeof(*w->key)),
                           .n = awk_get(&m->memory, a->count * sizeof(*w->n))};
    if (!w->key || !w->n)
        return awk_fail(m, -ENOMEM);
    for (const struct awk_element *e = a->first; e; e = e->next) {
        char *copy = awk_get(&m->memory, e->n);
        if (!copy)
            return awk_fail(m, -ENOMEM);
        memcpy(copy, e->key, e->n);
        w->key[w->count] = copy;
        w->n[w->count++] = e->n;
    }
    return true;
}

/* ---- the loop ---- */

static bool values_step(struct awk_machine *m, const struct awk_op_step *s)
{
    struct awk_value v;
    const char *p;
    u32 n;
    switch ((enum awk_op)s->op) {
    case AOP_CONST: return awk_push(m, m->g->constant[s->a].value);
    case AOP_GET: return get_variable(m, s->a, &v) && awk_push(m, v);
    case AOP_SET: return assign(m, s, AWK_TO_VARIABLE);
    case AOP_FIELD: v = awk_pop(m); return get_field(m, &v, &v) && awk_push(m, v);
    case AOP_FIELD_SET: return assign(m, s, AWK_TO_FIELD);
    case AOP_ELEMENT: v = awk_pop(m); return get_target(m, AWK_TO_ELEMENT, s->a, &v, &v) && awk_push(m, v);
    case AOP_ELEMENT_SET: return assign(m, s, AWK_TO_ELEMENT);
    case AOP_COPY: v = awk_pop(m); return awk_push(m, v) && awk_push(m, v);
    case AOP_DROP: awk_pop(m); return true;
    case AOP_STEP: return step_by_one(m, s);
    case AOP_NEGATE: v = awk_pop(m); return push_number(m, -awk_number_of(&v));
    case AOP_PLUS: v = awk_pop(m); return push_number(m, awk_number_of(&v));
    case AOP_NOT: v = awk_pop(m); return push_truth(m, !awk_is_true(&v));
    case AOP_TRUTH: v = awk_pop(m); return push_truth(m, awk_is_true(&v));
    case AOP_CONCAT: return concatenate(m);
    case AOP_COMPARE: return compare(m, s->b);
    case AOP_MATCH: return match_value(m, s->b);
    case AOP_MATCH_CONST: return match(m, m->g->regex[s->a], s->b);
    case AOP_REGEX: return awk_push(m, (struct awk_value){.kind = AWK_PATTERN, .n = s->a});
    case AOP_IN: v = awk_pop(m); return push_truth(m, element(m, s->a, &v, false)) && !m->error;
    case AOP_JOIN: return join_keys(m, s->b);
    case AOP_COUNT: return push_number(m, awk_whole(m->array[s->a].count));
    case AOP_REMOVE:
        v = awk_pop(m);
        if (!awk_text_at(m, &v, &p, &n))
            return false;
        awk_array_remove(&m->memory, &m->array[s->a], &m->secret, p, n);
        return true;
    case AOP_REMOVE_ALL: awk_array_clear(&m->memory, &m->array[s->a]); return true;
    case AOP_WALK: return begin_walk(m, &m->array[s->a]);
    case AOP_WALK_END: end_walk(m); return true;
    case AOP_PRINT: return print(m, s->b);
    case AOP_PRINTF: return print_format(m, s->b);
    case AOP_CALL: return awk_call(m, s->a, s->b);
    case AOP_SPLIT: return awk_split(m, s->a, s->b);
    case AOP_SUBSTITUTE: return substitute(m, s);
    case AOP_RANGE_OPEN: m->open[s->b] = true; return true;
    case AOP_RANGE_CLOSE: m->open[s->b] = false; return true;
    default: return calculate(m, s->op);
    }
}

/* Steps that say where to go on; *at is the step behind. False: it is none of these. */
static bool jump_step(struct awk_machine *m, const struct awk_op_step *s, u32 *at)
{
    struct awk_value v;
    u32 to = s->a;
    bool jumps = true;
    switch ((enum awk_op)s->op) {
    case AOP_JUMP: break;
    case AOP_JUMP_IF:
        v = awk_pop(m);
        jumps = awk_is_true(&v);
        break;
    case AOP_JUMP_IF_NOT:
        v = awk_pop(m);
        jumps = !awk_is_true(&v);
        break;
    case AOP_RANGE: jumps = m->open[s->b]; break;
    case AOP_WALK_NEXT: {
        struct awk_walk *w = &m->walk[m->walks - 1];
        jumps = w->at == w->count;
        if (!jumps) {
            awk_push(m, awk_of_outside(w->key[w->at], w->n[w->at]));
            w->at++;
        }
        break;
    }
    default: return false;
    }
    if (jumps && to < *at && task_interrupted())
        awk_fail(m, -EINTR);
    *at = jumps ? to : *at;
    return true;
}

static enum awk_end exit_with(struct awk_machine *m, bool status)
{
    if (status) {
        struct awk_value v = awk_pop(m);
        m->status = (int)(awk_integer(awk_number_of(&v)) & 255);
    }
    return m->error ? AWK_FAILED : AWK_WANTS_EXIT;
}

enum awk_end awk_run(struct awk_machine *m, u32 at)
{
    enum awk_end end = AWK_FAILED;
    m->top = 0;
    while (!m->error) {
        const struct awk_op_step *s = &m->g->step[at++];
        if (s->op == AOP_END || s->op == AOP_NEXT || s->op == AOP_EXIT) {
            end = s->op == AOP_END ? AWK_ENDED : s->op == AOP_NEXT ? AWK_WANTS_NEXT : exit_with(m, s->b);
            break;
        }
        if (s->op == AOP_STATEMENT)
            awk_scratch_reset(&m->memory);
        else if (!jump_step(m, s, &at) && !values_step(m, s))
            break;
    }
    while (m->walks)
        end_walk(m);
    return m->error ? AWK_FAILED : end;
}
