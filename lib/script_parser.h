/* Internal to lib. */
/* The parser of scripts: one struct parser on its way through the text, shared by words (script_word.c) and grammar
 * (script_parse.c). The first refusal sticks: everything after it returns at once. */
#ifndef LIB_SCRIPT_PARSER_H
#define LIB_SCRIPT_PARSER_H

#include "lib/script.h"
#include "lib/script_ast.h"

struct here { /* a here-document whose text is still to come */
    struct here *next;
    struct redir *redir;
    const char *end; /* its last line */
    bool literal, tabs;
    unsigned line, col;
};

struct parser {
    const char *p, *end;
    unsigned line, col;
    struct script *script;
    struct script_err *err;
    bool failed;
    unsigned nest;      /* loops and $( ) around this point */
    unsigned substs;    /* $( ) alone: there a ) is an end */
    struct here *heres; /* in the order of the text */
    char *tmp;          /* the bytes of the part being read */
    size_t tmp_len, tmp_cap;
};

struct place {
    unsigned line, col;
};

static inline struct place here_is(const struct parser *ps)
{
    return (struct place){ps->line, ps->col};
}

static inline bool at_end(const struct parser *ps)
{
    return ps->p == ps->end;
}

static inline char peek(const struct parser *ps, size_t ahead)
{
    return (size_t)(ps->end - ps->p) > ahead ? ps->p[ahead] : '\0';
}

/* Lines that end in \ are joined before sh reads tokens: where the next byte of one is, from p on. */
static inline const char *past_joins(const struct parser *ps, const char *p)
{
    while (ps->end - p >= 2 && p[0] == '\\' && p[1] == '\n')
        p += 2;
    return p;
}

/* The same as peek, in joined lines, for a few bytes ahead. */
static inline char peek_joined(const struct parser *ps, size_t ahead)
{
    const char *p = past_joins(ps, ps->p);

    for (; ahead && p < ps->end; ahead--)
        p = past_joins(ps, p + 1);
    return p < ps->end ? *p : '\0';
}

void script_step(struct parser *ps);        /* over one byte, counting lines and columns */
void script_step_joined(struct parser *ps); /* over one, and to where the next one of its token is */
bool script_at_word(const struct parser *ps,
                    const char *word); /* does this very word stand here, unquoted and whole? */
void script_refuse(struct parser *ps, struct place at, const char *f, ...) PRINTF(3, 4);
void script_refuse_incomplete(struct parser *ps, struct place at, const char *f, ...) PRINTF(3, 4);
void *script_node(struct parser *ps, size_t n); /* from the arena; NULL and failed when there is no memory */

enum word_use { WORD_PLAIN, WORD_ASSIGN };
struct word *script_word(struct parser *ps, enum word_use use); /* NULL when refused */
void script_here_text(struct parser *ps, struct here *h);       /* reads the lines up to its end into its redir */

/* The commands up to `)` of a $( ), or to the end of the text. Called back by script_word; p stands
 * behind the "$(". */
struct seq *script_subst_list(struct parser *ps, struct place open);

static inline bool ends_word(char c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '&':
    case '|':
    case '<':
    case '>':
    case '(':
    case ')': return true;
    default: return false;
    }
}

static inline bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline bool in_name(char c)
{
    return begins_name(c) || (c >= '0' && c <= '9');
}

#endif
