/* A script as an object: its memory, and questions about it that need no run.
 *
 * Nodes and texts lie in an arena of blocks that is only ever added to while parsing, and freed as a whole. A node is
 * never freed by itself and never moves, so whoever runs the script may hold pointers into it for as long as it lives.
 */
#include "lib/script.h"

#include "lib/plat.h"
#include "lib/script_ast.h"
#include "lib/script_builtin.h"
#include "lib/string.h"

#define BLOCK 4000u /* a block with its head and the allocator's own fits a page */

void *script_arena(struct script *s, size_t n)
{
    struct arena_block *b = s->blocks;

    n = round_up(n, 8);
    if (!b || b->size - b->used < n) {
        size_t size = n > BLOCK / 4 ? n : BLOCK;
        b = mem_zalloc(sizeof(*b) + size);
        if (!b)
            return NULL;
        b->size = size;
        b->next = s->blocks;
        s->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += n;
    return p;
}

void script_free(struct script *s)
{
    struct arena_block *b = s ? s->blocks : NULL;

    while (b) {
        struct arena_block *next = b->next;
        mem_free(b);
        b = next;
    }
    mem_free(s);
}

const char *script_plain(const struct word *w)
{
    const struct part *p = w->parts;

    return p && !p->next && p->kind == PART_TEXT && !p->quoted ? p->text : NULL;
}

struct asking {
    int (*fn)(void *arg, const char *name, unsigned line, unsigned col);
    void *arg;
};

static int ask_seq(const struct asking *a, const struct seq *s);

static int ask_words(const struct asking *a, const struct word *w)
{
    for (; w; w = w->next) {
        for (const struct part *p = w->parts; p; p = p->next) {
            int r = p->kind == PART_SUBST ? ask_seq(a, p->subst) : 0;
            if (r)
                return r;
        }
    }
    return 0;
}

static int ask_stage(const struct asking *a, const struct stage *st)
{
    const char *name = st->words && !st->loop ? script_plain(st->words) : NULL;
    int r = ask_words(a, st->words);

    if (!r && name && !script_builtin_find(name))
        r = a->fn(a->arg, name, st->words->line, st->words->col);
    for (const struct assign *as = st->assigns; !r && as; as = as->next)
        r = ask_words(a, as->value);
    if (!r)
        r = ask_seq(a, st->body);
    for (const struct redir *rd = st->redirs; !r && rd; rd = rd->next)
        r = ask_words(a, rd->word);
    return r;
}

static int ask_seq(const struct asking *a, const struct seq *s)
{
    for (; s; s = s->next)
        for (const struct link *l = s->links; l; l = l->next)
            for (const struct stage *st = l->stages; st; st = st->next) {
                int r = ask_stage(a, st);
                if (r)
                    return r;
            }
    return 0;
}

int script_each_command(const struct script *s, int (*fn)(void *arg, const char *name, unsigned line, unsigned col),
                        void *arg)
{
    struct asking a = {fn, arg};

    return ask_seq(&a, s->body);
}
