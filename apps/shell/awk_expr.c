/* awk's expressions, parsed and turned into steps in one pass.
 *
 * From loose to tight:  ?:   ||   &&   in   ~ !~   < <= == != > >=   (text text)   + -   * / %   ! - +   ^   ++ --   $
 *
 * What may be assigned to is held back unread (struct target) until it is seen whether an assignment follows. Recursion
 * is bounded by AWK_NEST, since kernel stacks are small.
 */
#include "apps/shell/awk_parse.h"
#include "lib/fmt.h"
#include "lib/string.h"

enum level { L_TERNARY, L_OR, L_AND, L_IN, L_MATCH, L_COMPARE, L_CONCAT, L_ADD, L_MULTIPLY };

struct target {
    enum { T_NONE, T_VARIABLE, T_FIELD, T_ELEMENT } kind; /* FIELD, ELEMENT: index or key is on the stack */
    unsigned index;
};

/* ---- words shared with awk_parse.c ---- */

void awk_refuse(struct awk_parser *p, const char *f, ...)
{
    va_list ap;
    if (p->failed)
        return;
    p->failed = true;
    size_t n = fmt(p->why, sizeof(p->why), "line %u, column %u: ", p->x.at_line, p->x.at_column);
    va_start(ap, f);
    fmt_v(p->why + n, sizeof(p->why) - n, f, ap);
    va_end(ap);
}

int awk_emit(struct awk_parser *p, enum awk_op op, unsigned a, unsigned b)
{
    struct awk_program *g = p->g;
    if (p->failed)
        return -1;
    if (g->steps == AWK_STEPS) {
        awk_refuse(p, "the program is too long");
        return -1;
    }
    g->step[g->steps] = (struct awk_op_step){.op = (u8)op, .a = (u16)a, .b = (u8)b};
    return (int)g->steps++;
}

void awk_aim_at(struct awk_parser *p, u16 chain, u32 step)
{
    while (chain != AWK_NOWHERE && !p->failed) {
        u16 next = p->g->step[chain].a;
        p->g->step[chain].a = (u16)step;
        chain = next;
    }
}

void awk_aim(struct awk_parser *p, u16 chain)
{
    awk_aim_at(p, chain, p->g->steps);
}

bool awk_accept(struct awk_parser *p, enum awk_token kind, const char *text)
{
    if (p->failed || !awk_lex_is(&p->x, kind, text))
        return false;
    awk_lex_next(&p->x);
    return true;
}

void awk_expect(struct awk_parser *p, const char *punct)
{
    if (!awk_accept(p, AT_PUNCT, punct))
        awk_refuse(p, p->x.kind == AT_BAD ? "%.0s%s" : "%s was expected, not %s", punct, p->x.text);
}

void awk_skip_newlines(struct awk_parser *p)
{
    while (awk_accept(p, AT_NEWLINE, NULL))
        ;
}

unsigned awk_name_index(struct awk_parser *p, const char *name, unsigned kind)
{
    struct awk_program *g = p->g;
    u32 i = 0;
    while (i < g->names && !str_eq(g->name[i].name, name))
        i++;
    if (i == AWK_NAMES || strlen(name) >= AWK_NAME_MAX) {
        awk_refuse(p, i == AWK_NAMES ? "too many names" : "too long a name");
        return 0;
    }
    if (i == g->names && awk_lex_elsewhere(name)) {
        awk_refuse(p, "%s is not to be had here: a record is a line, numbers and arguments are as they are", name);
        return 0;
    }
    if (i == g->names) {
        str_copy(g->name[i].name, AWK_NAME_MAX, name);
        g->name[g->names++].kind = 0;
    }
    if (g->name[i].kind && kind && g->name[i].kind != kind)
        awk_refuse(p, "%s is an array here and a variable there", name);
    g->name[i].kind = (u8)(g->name[i].kind | kind);
    return i;
}

/* ---- constants ---- */

static void emit_constant(struct awk_parser *p, struct awk_value v)
{
    struct awk_program *g = p->g;
    if (g->constants == AWK_CONSTS || !awk_cell_set(g->memory, &g->constant[g->constants], &v)) {
        awk_refuse(p, "the program is too long");
        return;
    }
    awk_emit(p, AOP_CONST, g->constants++, 0);
}

static unsigned add_regex(struct awk_parser *p)
{
    struct awk_program *g = p->g;
    const char *why = "too many patterns";
    struct regex *re = NULL;
    if (g->regexes < AWK_REGEXES)
        re = regex_compile(p->x.text, p->x.n, REGEX_ERE | REGEX_AWK, &why);
    if (!re) {
        awk_refuse(p, "/%s/: %s", p->x.text, why);
        return 0;
    }
    g->regex[g->regexes] = re;
    awk_lex_next(&p->x);
    return g->regexes++;
}

/* ---- targets ---- */

static void load(struct awk_parser *p, const struct target *t)
{
    if (t->kind == T_VARIABLE)
        awk_emit(p, AOP_GET, t->index, 0);
    else if (t->kind == T_FIELD)
        awk_emit(p, AOP_FIELD, 0, 0);
    else if (t->kind == T_ELEMENT)
        awk_emit(p, AOP_ELEMENT, t->index, 0);
}

static void store(struct awk_parser *p, const struct target *t)
{
    awk_emit(p, t->kind == T_VARIABLE ? AOP_SET : t->kind == T_FIELD ? AOP_FIELD_SET : AOP_ELEMENT_SET, t->index, 0);
}

static void emit_step(struct awk_parser *p, const struct target *t, bool down, bool after)
{
    unsigned kind = t->kind == T_VARIABLE ? AWK_TO_VARIABLE : t->kind == T_FIELD ? AWK_TO_FIELD : AWK_TO_ELEMENT;
    if (t->kind == T_NONE)
        awk_refuse(p, "++ and -- want a variable, a field or an element");
    awk_emit(p, AOP_STEP, t->index, kind | (down ? AWK_STEP_DOWN : 0) | (after ? AWK_STEP_AFTER : 0));
}

static enum awk_op arithmetic(char c)
{
    switch (c) {
    case '+': return AOP_ADD;
    case '-': return AOP_SUBTRACT;
    case '*': return AOP_MULTIPLY;
    case '/': return AOP_DIVIDE;
    case '%': return AOP_REMAINDER;
    default: return AOP_POWER;
    }
}

/* An assignment to t, when one follows. */
static bool assignment(struct awk_parser *p, const struct target *t)
{
    const char *op = p->x.text;
    bool plain = awk_lex_is(&p->x, AT_PUNCT, "=");
    bool with = p->x.kind == AT_PUNCT && op[0] && op[1] == '=' && strchr("+-*/%^", op[0]);
    char c = op[0];
    if (t->kind == T_NONE || (!plain && !with))
        return false;
    awk_lex_next(&p->x);
    awk_skip_newlines(p);
    if (with && t->kind != T_VARIABLE)
        awk_emit(p, AOP_COPY, 0, 0);
    if (with)
        load(p, t);
    awk_expression(p);
    if (with)
        awk_emit(p, arithmetic(c), 0, 0);
    store(p, t);
    return true;
}

/* ---- primaries ---- */

static void binary(struct awk_parser *p, enum level least);
static void primary(struct awk_parser *p, struct target *t);

/* A value that a call or `~` takes as a pattern. */
static void pattern(struct awk_parser *p)
{
    if (p->x.kind == AT_REGEX)
        awk_emit(p, AOP_REGEX, add_regex(p), 0);
    else
        awk_expression(p);
}

static unsigned subscripts(struct awk_parser *p)
{
    unsigned n = 0;
    bool no_in = p->no_in;
    p->no_in = false;
    do {
        awk_expression(p);
        n++;
    } while (awk_accept(p, AT_PUNCT, ",") && n < AWK_ARGS_MAX);
    p->no_in = no_in;
    if (n > 1)
        awk_emit(p, AOP_JOIN, 0, n);
    return n;
}

static void name(struct awk_parser *p, struct target *t)
{
    char word[AWK_NAME_MAX];
    bool call = p->x.call;
    if (str_copy(word, sizeof(word), p->x.text) >= sizeof(word))
        awk_refuse(p, "too long a name");
    awk_lex_next(&p->x);
    if (call)
        awk_refuse(p, "%s(): there are no functions of one's own", word);
    if (awk_accept(p, AT_PUNCT, "[")) {
        subscripts(p);
        p->x.after_operand = true;
        awk_expect(p, "]");
        *t = (struct target){T_ELEMENT, awk_name_index(p, word, 2)};
    } else {
        *t = (struct target){T_VARIABLE, awk_name_index(p, word, 1)};
    }
}

/* `(` was read. */
static void group(struct awk_parser *p)
{
    bool no_in = p->no_in, no_greater = p->no_greater, list_ok = p->list_ok;
    unsigned n = 0;
    p->no_in = p->no_greater = p->list_ok = false;
    do {
        awk_skip_newlines(p);
        awk_expression(p);
        n++;
    } while (awk_accept(p, AT_PUNCT, ",") && n < AWK_ARGS_MAX);
    awk_skip_newlines(p);
    p->no_in = no_in;
    p->no_greater = no_greater;
    awk_expect(p, ")");
    if (n == 1)
        return;
    if (awk_lex_is(&p->x, AT_WORD, "in") && !no_in)
        awk_emit(p, AOP_JOIN, 0, n);
    else if (list_ok)
        p->list = (u8)n;
    else
        awk_refuse(p, "a list in parentheses has no meaning here");
}

/* The target of sub and gsub: the third argument, or $0. */
static void substitute(struct awk_parser *p, bool all)
{
    struct target t = {T_FIELD, 0};
    pattern(p);
    awk_expect(p, ",");
    awk_expression(p);
    if (awk_accept(p, AT_PUNCT, ","))
        primary(p, &t);
    else
        emit_constant(p, awk_of_number(0));
    if (t.kind == T_NONE)
        awk_refuse(p, "what sub and gsub change is a variable, a field or an element");
    unsigned kind = t.kind == T_VARIABLE ? AWK_TO_VARIABLE : t.kind == T_FIELD ? AWK_TO_FIELD : AWK_TO_ELEMENT;
    awk_emit(p, AOP_SUBSTITUTE, t.index, kind | (all ? 0x80 : 0));
}

static void split(struct awk_parser *p)
{
    unsigned n = 1;
    awk_expression(p);
    awk_expect(p, ",");
    unsigned array = awk_name_index(p, p->x.text, 2);
    if (!awk_accept(p, AT_NAME, NULL))
        awk_refuse(p, "split fills an array: its name was expected");
    if (awk_accept(p, AT_PUNCT, ",")) {
        pattern(p);
        n++;
    }
    awk_emit(p, AOP_SPLIT, array, n);
}

static const struct function {
    const char *name;
    enum awk_function id;
    u8 least, most;
} functions[] = {
    {"length", AWK_LENGTH, 0, 1}, {"substr", AWK_SUBSTR, 2, 3},
    {"index", AWK_INDEX, 2, 2},   {"match", AWK_MATCH, 2, 2},
    {"tolower", AWK_LOWER, 1, 1}, {"toupper", AWK_UPPER, 1, 1},
    {"int", AWK_INT, 1, 1},       {"sprintf", AWK_SPRINTF, 1, AWK_ARGS_MAX},
};

/* length(array) */
static bool counts_array(struct awk_parser *p)
{
    if (p->x.kind != AT_NAME)
        return false;
    for (u32 i = 0; i < p->g->names; i++)
        if (str_eq(p->g->name[i].name, p->x.text) && p->g->name[i].kind == 2 && p->x.p < p->x.end && *p->x.p == ')') {
            awk_emit(p, AOP_COUNT, i, 0);
            awk_lex_next(&p->x);
            return true;
        }
    return false;
}

static void arguments(struct awk_parser *p, const struct function *f)
{
    unsigned n = 0;
    if (f->id == AWK_LENGTH && counts_array(p))
        return;
    while (!awk_lex_is(&p->x, AT_PUNCT, ")") && !p->failed && n < f->most) {
        if (f->id == AWK_MATCH && n == 1)
            pattern(p);
        else
            awk_expression(p);
        n++;
        if (!awk_accept(p, AT_PUNCT, ","))
            break;
    }
    if (n < f->least)
        awk_refuse(p, "%s wants %u arguments", f->name, f->least);
    awk_emit(p, AOP_CALL, f->id, n);
}

static void builtin(struct awk_parser *p)
{
    char word[AWK_NAME_MAX];
    const struct function *f = NULL;
    bool no_in = p->no_in, no_greater = p->no_greater, list_ok = p->list_ok;
    str_copy(word, sizeof(word), p->x.text);
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (str_eq(functions[i].name, word))
            f = &functions[i];
    bool special = str_eq(word, "split") || str_eq(word, "sub") || str_eq(word, "gsub");
    if (!f && !special)
        awk_refuse(p, "%s(): awk here has no floating point, no files and no processes", word);
    awk_lex_next(&p->x);
    if (f && !f->least && !awk_lex_is(&p->x, AT_PUNCT, "(")) {
        awk_emit(p, AOP_CALL, f->id, 0);
        return;
    }
    awk_expect(p, "(");
    p->no_in = p->no_greater = p->list_ok = false;
    if (f)
        arguments(p, f);
    else if (str_eq(word, "split"))
        split(p);
    else
        substitute(p, word[0] == 'g');
    p->no_in = no_in;
    p->no_greater = no_greater;
    p->list_ok = list_ok;
    awk_expect(p, ")");
}

static void primary(struct awk_parser *p, struct target *t)
{
    *t = (struct target){T_NONE, 0};
    if (p->failed)
        return;
    if (++p->depth > AWK_NEST) {
        awk_refuse(p, "nested too deep");
    } else if (p->x.kind == AT_NUMBER) {
        emit_constant(p, awk_of_number(p->x.number));
        awk_lex_next(&p->x);
    } else if (p->x.kind == AT_STRING) {
        emit_constant(p, awk_of_text(p->x.text, p->x.n));
        awk_lex_next(&p->x);
    } else if (p->x.kind == AT_REGEX) {
        unsigned regex = add_regex(p);
        emit_constant(p, awk_of_number(0));
        awk_emit(p, AOP_FIELD, 0, 0);
        awk_emit(p, AOP_MATCH_CONST, regex, 0);
    } else if (p->x.kind == AT_NAME) {
        name(p, t);
    } else if (p->x.kind == AT_BUILTIN) {
        builtin(p);
    } else if (awk_accept(p, AT_PUNCT, "(")) {
        group(p);
    } else if (awk_accept(p, AT_PUNCT, "$")) {
        struct target index;
        bool plus = awk_lex_is(&p->x, AT_PUNCT, "++"), minus = awk_lex_is(&p->x, AT_PUNCT, "--");
        if (plus || minus)
            awk_lex_next(&p->x);
        primary(p, &index);
        if (plus || minus)
            emit_step(p, &index, minus, false);
        else
            load(p, &index);
        *t = (struct target){T_FIELD, 0};
    } else if (awk_accept(p, AT_PUNCT, "-")) { /* $-1 and kin */
        struct target v;
        primary(p, &v);
        load(p, &v);
        awk_emit(p, AOP_NEGATE, 0, 0);
    } else {
        awk_refuse(p, "%s%s", p->x.kind == AT_BAD ? "" : "an expression was expected, not ", p->x.text);
    }
    p->depth--;
}

static void postfix(struct awk_parser *p, struct target *t)
{
    bool down = awk_lex_is(&p->x, AT_PUNCT, "--");
    if (down || awk_lex_is(&p->x, AT_PUNCT, "++")) {
        awk_lex_next(&p->x);
        primary(p, t);
        emit_step(p, t, down, false);
        *t = (struct target){T_NONE, 0};
        return;
    }
    primary(p, t);
    down = awk_lex_is(&p->x, AT_PUNCT, "--");
    if (t->kind != T_NONE && (down || awk_lex_is(&p->x, AT_PUNCT, "++"))) {
        awk_lex_next(&p->x);
        emit_step(p, t, down, true);
        *t = (struct target){T_NONE, 0};
    }
}

static void unary(struct awk_parser *p, struct target *t)
{
    char c = p->x.kind == AT_PUNCT && !p->x.text[1] ? p->x.text[0] : 0;
    if (++p->depth > AWK_NEST)
        awk_refuse(p, "nested too deep");
    if (!p->failed && (c == '!' || c == '-' || c == '+')) {
        awk_lex_next(&p->x);
        unary(p, t);
        load(p, t);
        *t = (struct target){T_NONE, 0};
        awk_emit(p, c == '!' ? AOP_NOT : c == '-' ? AOP_NEGATE : AOP_PLUS, 0, 0);
    } else {
        postfix(p, t);
        if (awk_lex_is(&p->x, AT_PUNCT, "^") || awk_lex_is(&p->x, AT_PUNCT, "**")) {
            load(p, t);
            awk_lex_next(&p->x);
            unary(p, t);
            load(p, t);
            *t = (struct target){T_NONE, 0};
            awk_emit(p, AOP_POWER, 0, 0);
        }
    }
    p->depth--;
}

/* ---- operators between two ---- */

static bool begins_operand(const struct awk_parser *p)
{
    switch (p->x.kind) {
    case AT_NUMBER:
    case AT_STRING:
    case AT_NAME:
    case AT_BUILTIN: return true;
    case AT_PUNCT:
        return str_eq(p->x.text, "$") || str_eq(p->x.text, "(") || str_eq(p->x.text, "++") || str_eq(p->x.text, "--");
    default: return false;
    }
}

static int relation(const struct awk_parser *p)
{
    static const char *const names[] = {"<", "<=", "==", "!=", ">", ">="};
    for (int i = 0; i < (int)ARRAY_LEN(names); i++)
        if (awk_lex_is(&p->x, AT_PUNCT, names[i]) && !(i == AWK_GREATER && p->no_greater))
            return i;
    return -1;
}

/* How tight the operator at hand binds; -1: there is none. */
static int operator_level(const struct awk_parser *p)
{
    const char *s = p->x.text;
    if (p->failed)
        return -1;
    if (awk_lex_is(&p->x, AT_WORD, "in"))
        return p->no_in ? -1 : L_IN;
    if (p->x.kind == AT_PUNCT) {
        if (str_eq(s, "?"))
            return L_TERNARY;
        if (str_eq(s, "||"))
            return L_OR;
        if (str_eq(s, "&&"))
            return L_AND;
        if (str_eq(s, "~") || str_eq(s, "!~"))
            return L_MATCH;
        if (relation(p) >= 0)
            return L_COMPARE;
        if (str_eq(s, "+") || str_eq(s, "-"))
            return L_ADD;
        if (str_eq(s, "*") || str_eq(s, "/") || str_eq(s, "%"))
            return L_MULTIPLY;
    }
    return begins_operand(p) ? L_CONCAT : -1;
}

static void both(struct awk_parser *p, bool is_and)
{
    awk_skip_newlines(p);
    int first = awk_emit(p, is_and ? AOP_JUMP_IF_NOT : AOP_JUMP_IF, AWK_NOWHERE, 0);
    binary(p, is_and ? L_IN : L_AND);
    awk_emit(p, AOP_TRUTH, 0, 0);
    int end = awk_emit(p, AOP_JUMP, AWK_NOWHERE, 0);
    awk_aim(p, (u16)first);
    emit_constant(p, awk_of_number(is_and ? 0 : AWK_ONE));
    awk_aim(p, (u16)end);
}

static void ternary(struct awk_parser *p)
{
    awk_skip_newlines(p);
    int no = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
    awk_expression(p);
    int end = awk_emit(p, AOP_JUMP, AWK_NOWHERE, 0);
    awk_skip_newlines(p);
    awk_expect(p, ":");
    awk_skip_newlines(p);
    awk_aim(p, (u16)no);
    awk_expression(p);
    awk_aim(p, (u16)end);
}

static void matched(struct awk_parser *p, bool not )
{
    if (p->x.kind == AT_REGEX) {
        awk_emit(p, AOP_MATCH_CONST, add_regex(p), not );
        return;
    }
    binary(p, L_COMPARE);
    awk_emit(p, AOP_MATCH, 0, not );
}

static void in_array(struct awk_parser *p)
{
    unsigned array = awk_name_index(p, p->x.text, 2);
    if (!awk_accept(p, AT_NAME, NULL))
        awk_refuse(p, "the name of an array was expected behind `in`");
    awk_emit(p, AOP_IN, array, 0);
}

static void one_operator(struct awk_parser *p, int level)
{
    char c = p->x.text[0];
    int which = relation(p);
    if (level != L_CONCAT)
        awk_lex_next(&p->x);
    switch (level) {
    case L_TERNARY: ternary(p); break;
    case L_OR:
    case L_AND: both(p, level == L_AND); break;
    case L_IN: in_array(p); break;
    case L_MATCH: matched(p, c == '!'); break;
    case L_COMPARE:
        binary(p, L_CONCAT);
        awk_emit(p, AOP_COMPARE, 0, (unsigned)which);
        break;
    case L_CONCAT:
        binary(p, L_ADD);
        awk_emit(p, AOP_CONCAT, 0, 0);
        break;
    default: binary(p, level == L_ADD ? L_MULTIPLY : L_MULTIPLY + 1); awk_emit(p, arithmetic(c), 0, 0);
    }
}

static void binary(struct awk_parser *p, enum level least)
{
    struct target t;
    int level;
    if (++p->depth > AWK_NEST)
        awk_refuse(p, "nested too deep");
    unary(p, &t);
    if (!assignment(p, &t))
        load(p, &t);
    while (!p->failed && (level = operator_level(p)) >= (int)least)
        one_operator(p, level);
    p->depth--;
}

void awk_expression(struct awk_parser *p)
{
    binary(p, L_TERNARY);
}
