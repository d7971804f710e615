/* awk's statements and the program as a whole.
 *
 *     BEGIN { ... }      END { ... }      pattern { ... }      from, to { ... }      { ... }      pattern
 *
 * A jump whose aim is not known yet is linked into a chain through its own operand; `break` and `continue` are chains
 * of the loop around them. What awk has beyond this (functions, getline, files and pipes) is refused by name.
 */
#include "apps/shell/awk_parse.h"
#include "lib/fmt.h"
#include "lib/string.h"

static void statement(struct awk_parser *p);

static void end_statement(struct awk_parser *p)
{
    if (p->failed || awk_lex_is(&p->x, AT_PUNCT, "}") || p->x.kind == AT_END)
        return;
    if (awk_lex_is(&p->x, AT_PUNCT, ">") || awk_lex_is(&p->x, AT_PUNCT, ">>") || awk_lex_is(&p->x, AT_PUNCT, "|"))
        awk_refuse(p, "awk writes no files and pipes here: redirect the whole command with the shell's > and |");
    if (!awk_accept(p, AT_PUNCT, ";") && !awk_accept(p, AT_NEWLINE, NULL))
        awk_refuse(p, "%s%s", p->x.kind == AT_BAD ? "" : "the end of the statement was expected, not ", p->x.text);
    while (awk_accept(p, AT_PUNCT, ";") || awk_accept(p, AT_NEWLINE, NULL))
        ;
}

static bool at_statement_end(const struct awk_parser *p)
{
    return p->x.kind == AT_END || p->x.kind == AT_NEWLINE || awk_lex_is(&p->x, AT_PUNCT, ";") ||
           awk_lex_is(&p->x, AT_PUNCT, "}") || awk_lex_is(&p->x, AT_PUNCT, ">") || awk_lex_is(&p->x, AT_PUNCT, ">>") ||
           awk_lex_is(&p->x, AT_PUNCT, "|");
}

static void print(struct awk_parser *p, enum awk_op op)
{
    unsigned n = 0;
    p->no_greater = p->list_ok = true;
    p->list = 0;
    while (!at_statement_end(p) && !p->failed && n < AWK_ARGS_MAX) {
        awk_expression(p);
        p->list_ok = false;
        n += p->list ? p->list : 1;
        if (p->list && !at_statement_end(p))
            awk_refuse(p, "a list in parentheses has no meaning here");
        p->list = 0;
        if (!awk_accept(p, AT_PUNCT, ","))
            break;
        awk_skip_newlines(p);
    }
    p->no_greater = p->list_ok = false;
    if (op == AOP_PRINTF && !n)
        awk_refuse(p, "printf wants a format");
    awk_emit(p, op, 0, n);
}

static void simple(struct awk_parser *p)
{
    awk_emit(p, AOP_STATEMENT, 0, 0);
    if (awk_accept(p, AT_WORD, "print")) {
        print(p, AOP_PRINT);
    } else if (awk_accept(p, AT_WORD, "printf")) {
        print(p, AOP_PRINTF);
    } else if (awk_accept(p, AT_WORD, "delete")) {
        unsigned array = awk_name_index(p, p->x.text, 2);
        if (!awk_accept(p, AT_NAME, NULL))
            awk_refuse(p, "delete wants an array or an element");
        if (awk_accept(p, AT_PUNCT, "[")) {
            unsigned n = 0;
            do
                awk_expression(p);
            while (++n < AWK_ARGS_MAX && awk_accept(p, AT_PUNCT, ","));
            if (n > 1)
                awk_emit(p, AOP_JOIN, 0, n);
            awk_expect(p, "]");
            awk_emit(p, AOP_REMOVE, array, 0);
        } else {
            awk_emit(p, AOP_REMOVE_ALL, array, 0);
        }
    } else {
        awk_expression(p);
        awk_emit(p, AOP_DROP, 0, 0);
    }
}

/* ---- loops ---- */

struct loop {
    u16 breaks, continues;
    bool walks;
};

static struct loop enter_loop(struct awk_parser *p, bool walks)
{
    struct loop outer = {p->breaks, p->continues, p->walks};
    p->breaks = p->continues = AWK_NOWHERE;
    p->walks = walks;
    p->loops++;
    return outer;
}

/* `again`: where `continue` goes. */
static void leave_loop(struct awk_parser *p, struct loop outer, u32 again)
{
    awk_aim_at(p, p->continues, again);
    awk_aim(p, p->breaks);
    p->breaks = outer.breaks;
    p->continues = outer.continues;
    p->walks = outer.walks;
    p->loops--;
}

static void body(struct awk_parser *p)
{
    if (awk_accept(p, AT_PUNCT, ";"))
        return;
    awk_skip_newlines(p);
    statement(p);
}

static void while_loop(struct awk_parser *p)
{
    u32 top = p->g->steps;
    awk_expect(p, "(");
    awk_emit(p, AOP_STATEMENT, 0, 0);
    awk_expression(p);
    awk_expect(p, ")");
    int end = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
    struct loop outer = enter_loop(p, false);
    body(p);
    awk_emit(p, AOP_JUMP, top, 0);
    awk_aim(p, (u16)end);
    leave_loop(p, outer, top);
}

static void do_loop(struct awk_parser *p)
{
    u32 top = p->g->steps;
    struct loop outer = enter_loop(p, false);
    body(p);
    while (awk_accept(p, AT_PUNCT, ";") || awk_accept(p, AT_NEWLINE, NULL))
        ;
    u32 test = p->g->steps;
    if (!awk_accept(p, AT_WORD, "while"))
        awk_refuse(p, "`while` was expected behind the body of `do`");
    awk_expect(p, "(");
    awk_emit(p, AOP_STATEMENT, 0, 0);
    awk_expression(p);
    awk_expect(p, ")");
    awk_emit(p, AOP_JUMP_IF, top, 0);
    leave_loop(p, outer, test);
    end_statement(p);
}

/* for (k in a): the name and `in` were read. */
static void walk_loop(struct awk_parser *p, unsigned variable)
{
    unsigned array = awk_name_index(p, p->x.text, 2);
    if (!awk_accept(p, AT_NAME, NULL))
        awk_refuse(p, "the name of an array was expected behind `in`");
    awk_expect(p, ")");
    awk_emit(p, AOP_STATEMENT, 0, 0);
    awk_emit(p, AOP_WALK, array, 0);
    u32 top = p->g->steps;
    awk_emit(p, AOP_STATEMENT, 0, 0);
    int end = awk_emit(p, AOP_WALK_NEXT, AWK_NOWHERE, 0);
    awk_emit(p, AOP_SET, variable, 0);
    awk_emit(p, AOP_DROP, 0, 0);
    struct loop outer = enter_loop(p, true);
    body(p);
    awk_emit(p, AOP_JUMP, top, 0);
    leave_loop(p, outer, top);
    awk_aim(p, (u16)end);
    awk_emit(p, AOP_WALK_END, 0, 0);
}

static void for_loop(struct awk_parser *p)
{
    awk_expect(p, "(");
    struct awk_place before = awk_lex_place(&p->x);
    if (p->x.kind == AT_NAME) { /* for (k in a), or an assignment */
        char word[AWK_NAME_MAX];
        str_copy(word, sizeof(word), p->x.text);
        awk_lex_next(&p->x);
        if (awk_accept(p, AT_WORD, "in")) {
            walk_loop(p, awk_name_index(p, word, 1));
            return;
        }
        awk_lex_back(&p->x, &before);
    }
    if (!awk_lex_is(&p->x, AT_PUNCT, ";"))
        simple(p);
    awk_expect(p, ";");
    u32 test = p->g->steps;
    int end = -1;
    awk_emit(p, AOP_STATEMENT, 0, 0);
    if (!awk_lex_is(&p->x, AT_PUNCT, ";")) {
        awk_expression(p);
        end = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
    }
    awk_expect(p, ";");
    int start = awk_emit(p, AOP_JUMP, AWK_NOWHERE, 0);
    u32 after = p->g->steps;
    if (!awk_lex_is(&p->x, AT_PUNCT, ")"))
        simple(p);
    awk_expect(p, ")");
    awk_emit(p, AOP_JUMP, test, 0);
    if (start >= 0)
        awk_aim(p, (u16)start);
    struct loop outer = enter_loop(p, false);
    body(p);
    awk_emit(p, AOP_JUMP, after, 0);
    if (end >= 0)
        awk_aim(p, (u16)end);
    leave_loop(p, outer, after);
}

/* ---- statements ---- */

static void if_statement(struct awk_parser *p)
{
    awk_expect(p, "(");
    awk_emit(p, AOP_STATEMENT, 0, 0);
    awk_expression(p);
    awk_expect(p, ")");
    int no = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
    body(p);
    while (awk_accept(p, AT_PUNCT, ";") || awk_accept(p, AT_NEWLINE, NULL))
        ;
    if (awk_accept(p, AT_WORD, "else")) {
        int end = awk_emit(p, AOP_JUMP, AWK_NOWHERE, 0);
        awk_aim(p, (u16)no);
        body(p);
        awk_aim(p, (u16)end);
    } else {
        awk_aim(p, (u16)no);
    }
}

static void jump_statement(struct awk_parser *p, bool leaves)
{
    u16 *chain = leaves ? &p->breaks : &p->continues;
    if (!p->loops)
        awk_refuse(p, "%s stands outside of a loop", leaves ? "break" : "continue");
    int jump = awk_emit(p, AOP_JUMP, *chain, 0);
    if (jump >= 0)
        *chain = (u16)jump;
    end_statement(p);
}

static void block(struct awk_parser *p)
{
    awk_skip_newlines(p);
    while (!p->failed && !awk_lex_is(&p->x, AT_PUNCT, "}")) {
        if (p->x.kind == AT_END)
            awk_refuse(p, "a { is not closed");
        else if (!awk_accept(p, AT_PUNCT, ";") && !awk_accept(p, AT_NEWLINE, NULL))
            statement(p);
    }
    awk_expect(p, "}");
}

static void statement(struct awk_parser *p)
{
    if (++p->depth > AWK_NEST)
        awk_refuse(p, "nested too deep");
    if (p->failed)
        ;
    else if (awk_accept(p, AT_PUNCT, "{"))
        block(p);
    else if (awk_accept(p, AT_WORD, "if"))
        if_statement(p);
    else if (awk_accept(p, AT_WORD, "while"))
        while_loop(p);
    else if (awk_accept(p, AT_WORD, "do"))
        do_loop(p);
    else if (awk_accept(p, AT_WORD, "for"))
        for_loop(p);
    else if (awk_accept(p, AT_WORD, "break"))
        jump_statement(p, true);
    else if (awk_accept(p, AT_WORD, "continue"))
        jump_statement(p, false);
    else if (awk_accept(p, AT_WORD, "next")) {
        if (!p->in_rule)
            awk_refuse(p, "next has no meaning in BEGIN and END");
        awk_emit(p, AOP_NEXT, 0, 0);
        end_statement(p);
    } else if (awk_accept(p, AT_WORD, "exit")) {
        bool with = !at_statement_end(p);
        if (with)
            awk_expression(p);
        awk_emit(p, AOP_EXIT, 0, with);
        end_statement(p);
    } else if (p->x.kind == AT_WORD && !awk_lex_is(&p->x, AT_WORD, "print") && !awk_lex_is(&p->x, AT_WORD, "printf") &&
               !awk_lex_is(&p->x, AT_WORD, "delete")) {
        awk_refuse(p, "`%s` has no place here: awk here has no functions of one's own, no getline", p->x.text);
    } else {
        simple(p);
        end_statement(p);
    }
    p->depth--;
}

/* ---- items ---- */

static void action(struct awk_parser *p)
{
    if (awk_accept(p, AT_PUNCT, "{")) {
        block(p);
    } else {
        awk_emit(p, AOP_STATEMENT, 0, 0);
        awk_emit(p, AOP_PRINT, 0, 0);
    }
    awk_emit(p, AOP_END, 0, 0);
}

/* A pattern, or `from, to`: the latter is a switch of its own in the machine. */
static void rule(struct awk_parser *p)
{
    int opened = awk_emit(p, AOP_RANGE, AWK_NOWHERE, p->g->ranges);
    awk_emit(p, AOP_STATEMENT, 0, 0);
    awk_expression(p);
    int no = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
    if (p->failed)
        return;
    if (!awk_accept(p, AT_PUNCT, ",")) {
        p->g->step[opened].op = AOP_STATEMENT;
    } else {
        awk_skip_newlines(p);
        awk_emit(p, AOP_RANGE_OPEN, 0, p->g->ranges);
        awk_aim(p, (u16)opened);
        awk_expression(p);
        int open = awk_emit(p, AOP_JUMP_IF_NOT, AWK_NOWHERE, 0);
        awk_emit(p, AOP_RANGE_CLOSE, 0, p->g->ranges++);
        awk_aim(p, (u16)open);
    }
    action(p);
    awk_aim(p, (u16)no);
    awk_emit(p, AOP_END, 0, 0);
}

static void item(struct awk_parser *p)
{
    struct awk_program *g = p->g;
    if (g->items == AWK_ITEMS)
        awk_refuse(p, "the program is too long");
    if (awk_lex_is(&p->x, AT_WORD, "function") || awk_lex_is(&p->x, AT_WORD, "func"))
        awk_refuse(p, "`%s`: awk here has no functions of one's own", p->x.text);
    if (p->failed)
        return;
    struct awk_item *i = &g->item[g->items++];
    bool begin = awk_accept(p, AT_WORD, "BEGIN"), end = !begin && awk_accept(p, AT_WORD, "END");
    i->when = begin ? AWK_BEGIN : end ? AWK_AT_END : AWK_MAIN;
    i->start = (u16)g->steps;
    p->in_rule = !begin && !end;
    if ((begin || end) && !awk_lex_is(&p->x, AT_PUNCT, "{"))
        awk_refuse(p, "BEGIN and END want an action in { }");
    if (begin || end || awk_lex_is(&p->x, AT_PUNCT, "{"))
        action(p);
    else
        rule(p);
}

bool awk_parse(struct awk_parser *p, struct awk_program *g, const char *text, size_t n)
{
    static const char *const specials[] = {"NF",  "NR",     "FNR",      "FS",     "OFS",
                                           "ORS", "SUBSEP", "FILENAME", "RSTART", "RLENGTH"};
    *p = (struct awk_parser){.g = g, .breaks = AWK_NOWHERE, .continues = AWK_NOWHERE};
    for (size_t i = 0; i < ARRAY_LEN(specials); i++)
        awk_name_index(p, specials[i], 1);
    awk_lex_start(&p->x, text, n);
    for (;;) {
        while (awk_accept(p, AT_PUNCT, ";") || awk_accept(p, AT_NEWLINE, NULL))
            ;
        if (p->failed || p->x.kind == AT_END)
            break;
        item(p);
    }
    if (!p->failed && !g->items)
        awk_refuse(p, "the program is empty");
    return !p->failed;
}
