/* The text of an awk program to its steps. */
#ifndef APPS_SHELL_AWK_PARSE_H
#define APPS_SHELL_AWK_PARSE_H

#include "apps/shell/awk_lex.h"
#include "apps/shell/awk_program.h"

#define AWK_NEST 32 /* levels of recursion; a pair of parentheses takes three, a nested statement one or two */

struct awk_parser {
    struct awk_lex x;
    struct awk_program *g;
    bool failed;
    char why[200];
    u8 depth;
    bool no_in, no_greater; /* in `for (` and `print`: these operators mean something else there */
    bool list_ok;           /* print (a, b): a list in parentheses may stand here */
    u8 list;                /* how many values the list just read has */
    bool in_rule;           /* `next` is allowed */
    u8 loops;
    u16 breaks, continues; /* chains of jumps that shall leave the loop, or go round */
    bool walks;            /* the innermost loop is a for (k in a) */
};

#define AWK_NOWHERE 0xffff

/* ---- expressions (awk_expr.c) ---- */
void awk_refuse(struct awk_parser *p, const char *f, ...) PRINTF(2, 3);     /* at the token seen now */
int awk_emit(struct awk_parser *p, enum awk_op op, unsigned a, unsigned b); /* its index, -1 after a failure */
void awk_aim(struct awk_parser *p, u16 chain); /* all jumps of the chain lead to the next step */
void awk_aim_at(struct awk_parser *p, u16 chain, u32 step);
bool awk_accept(struct awk_parser *p, enum awk_token kind, const char *text);
void awk_expect(struct awk_parser *p, const char *punct);
void awk_skip_newlines(struct awk_parser *p);
unsigned awk_name_index(struct awk_parser *p, const char *name, unsigned kind);
void awk_expression(struct awk_parser *p);

/* ---- the whole (awk_parse.c) ---- */
/* False: refused, p->why tells where and why. */
bool awk_parse(struct awk_parser *p, struct awk_program *g, const char *text, size_t n);

#endif
