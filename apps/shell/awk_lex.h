/* The text of an awk program to tokens. */
#ifndef APPS_SHELL_AWK_LEX_H
#define APPS_SHELL_AWK_LEX_H

#include "apps/shell/awk_number.h"
#include "lib/base.h"

#define AWK_STRING_MAX 1024 /* bytes of a text or pattern in a program */

enum awk_token {
    AT_END,
    AT_NEWLINE,
    AT_NUMBER,
    AT_STRING,
    AT_REGEX,
    AT_NAME,
    AT_BUILTIN, /* a function that awk has: text is its name */
    AT_WORD,    /* a reserved word: text is it */
    AT_PUNCT,   /* text is it: "{", "+=", ... */
    AT_BAD,     /* text says why */
};

struct awk_lex {
    const char *p, *end;
    unsigned line, column;
    enum awk_token kind;
    awk_number number;
    char text[AWK_STRING_MAX];
    u32 n;
    bool after_operand;          /* a `/` divides */
    bool call;                   /* AT_NAME with `(` right behind it */
    unsigned at_line, at_column; /* of this token, */
    const char *at;              /* and its first byte */
};

struct awk_place {
    const char *at;
    unsigned line, column;
};

void awk_lex_start(struct awk_lex *x, const char *p, size_t n);
void awk_lex_next(struct awk_lex *x);
void awk_lex_back(struct awk_lex *x, const struct awk_place *to);
struct awk_place awk_lex_place(const struct awk_lex *x); /* of this token: to come back to it */
/* Variables of awk that would have to do something: as a plain name they would do nothing, silently. */
bool awk_lex_elsewhere(const char *name);
bool awk_lex_is(const struct awk_lex *x, enum awk_token kind, const char *text);

#endif
