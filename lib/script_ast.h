/* Internal to lib. */
/* What a script is after parsing: a tree that is never changed again, in an arena that goes as a whole.
 *
 *     seq    one after the other          a; b
 *     link   && and || between pipelines  a && b || c       (left to right, no precedence)
 *     pipe   stages, perhaps negated      ! a | b
 *     stage  a simple command or a loop, each with its redirections
 *     word   parts: text, $NAME, $?, $( )    each quoted or not
 */
#ifndef LIB_SCRIPT_AST_H
#define LIB_SCRIPT_AST_H

#include "lib/base.h"

#define SCRIPT_NEST     8         /* loops and $( ) within each other: bounds the stack of whoever runs it */
#define SCRIPT_TEXT_MAX (4 * MIB) /* bytes of one script */

enum part_kind { PART_TEXT, PART_VAR, PART_STATUS, PART_SUBST };

struct part {
    struct part *next;
    enum part_kind kind;
    bool quoted;      /* no splitting, no globbing */
    u32 len;          /* of text */
    const char *text; /* PART_TEXT: the bytes, quotes taken off; PART_VAR: the name; both end in NUL */
    const struct seq *subst;
};

struct word {
    struct word *next;
    struct part *parts;
    unsigned line, col;
    bool assign; /* NAME=value behind export: neither split nor globbed */
};

enum redir_kind { REDIR_IN, REDIR_OUT, REDIR_APPEND, REDIR_HERE, REDIR_DUP };

struct redir {
    struct redir *next;
    enum redir_kind kind;
    u8 fd, from; /* from: REDIR_DUP, "2>&1" is fd 2 from 1 */
    struct word *word;
};

struct assign {
    struct assign *next;
    const char *name;
    struct word *value;
};

struct stage {
    struct stage *next;
    struct redir *redirs;
    unsigned line, col;
    struct assign *assigns; /* a simple command has these or words, never both */
    struct word *words;     /* of a command, or what a loop runs over */
    const char *loop;       /* a loop's variable; NULL: a simple command */
    const struct seq *body;
};

struct link {
    struct link *next;
    bool negate;
    bool if_failed; /* what leads here: ||, else && */
    struct stage *stages;
};

struct seq {
    struct seq *next;
    struct link *links;
};

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    char bytes[];
};

struct script {
    struct arena_block *blocks;
    struct seq *body;
};

void *script_arena(struct script *s, size_t n); /* zeroed, aligned to 8; NULL when there is no memory */

/* The text of a word that has neither expansion nor quotes, e.g. a command's name; NULL for others. */
const char *script_plain(const struct word *w);

#endif
