/* awk's values and where they live.
 *
 * Scratch memory is a chain of blocks that a statement fills and the next one fills again: nothing is freed piece by
 * piece, and a program that runs for ever over endless input stays as large as its variables.
 */
#include "apps/shell/awk_value.h"
#include "lib/plat.h"
#include "lib/string.h"

#define BLOCK 4096

struct awk_scratch {
    struct awk_scratch *next;
    size_t n, room;
    char p[];
};

struct awk_block {
    struct awk_block *next; /* when it is dead */
    size_t n;
    char p[];
};

void *awk_get(struct awk_memory *m, size_t n)
{
    size_t all = sizeof(struct awk_block) + n;
    if (n > AWK_BYTES || all > AWK_BYTES - m->used)
        return NULL;
    struct awk_block *b = mem_alloc(all);
    if (!b)
        return NULL;
    b->n = all;
    m->used += all;
    return b->p;
}

void awk_put(struct awk_memory *m, void *p)
{
    if (!p)
        return;
    struct awk_block *b = container_of(p, struct awk_block, p);
    b->next = m->dead;
    m->dead = b;
}

static void free_dead(struct awk_memory *m)
{
    while (m->dead) {
        struct awk_block *next = m->dead->next;
        m->used -= m->dead->n;
        mem_free(m->dead);
        m->dead = next;
    }
}

char *awk_scratch_get(struct awk_memory *m, size_t n)
{
    struct awk_scratch *s = m->scratch;
    if (!s || s->room - s->n < n) {
        size_t room = max(n, (size_t)BLOCK);
        s = awk_get(m, sizeof(*s) + room);
        if (!s)
            return NULL;
        *s = (struct awk_scratch){.next = m->scratch, .room = room};
        m->scratch = s;
    }
    char *p = s->p + s->n;
    s->n += n;
    return p;
}

/* Keeps one block of the usual size for the next statement. */
void awk_scratch_reset(struct awk_memory *m)
{
    while (m->scratch && (m->scratch->next || m->scratch->room > BLOCK)) {
        struct awk_scratch *next = m->scratch->next;
        awk_put(m, m->scratch);
        m->scratch = next;
    }
    if (m->scratch)
        m->scratch->n = 0;
    free_dead(m);
}

void awk_scratch_free(struct awk_memory *m)
{
    awk_scratch_reset(m);
    awk_put(m, m->scratch);
    m->scratch = NULL;
    free_dead(m);
}

struct awk_value awk_of_number(awk_number v)
{
    return (struct awk_value){.kind = AWK_NUMBER, .v = v};
}

struct awk_value awk_of_text(const char *p, size_t n)
{
    return (struct awk_value){.kind = AWK_STRING, .p = p, .n = (u32)n};
}

struct awk_value awk_of_outside(const char *p, size_t n)
{
    struct awk_value v = awk_of_text(p, n);
    if (awk_looks_numeric(p, n, &v.v))
        v.kind = AWK_NUMERIC;
    return v;
}

awk_number awk_number_of(const struct awk_value *v)
{
    awk_number n = v->v;
    if (v->kind == AWK_STRING)
        awk_read(v->p, v->n, &n);
    return v->kind == AWK_UNSET ? 0 : n;
}

bool awk_is_true(const struct awk_value *v)
{
    return v->kind == AWK_STRING ? v->n > 0 : v->kind != AWK_UNSET && v->v != 0;
}

bool awk_text_of(struct awk_memory *m, const struct awk_value *v, const char **p, u32 *n)
{
    if (v->kind == AWK_STRING || v->kind == AWK_NUMERIC || v->kind == AWK_UNSET) {
        *p = v->kind == AWK_UNSET ? "" : v->p;
        *n = v->kind == AWK_UNSET ? 0 : v->n;
        return true;
    }
    char *text = awk_scratch_get(m, AWK_TEXT);
    if (!text)
        return false;
    *n = (u32)awk_text(text, v->v);
    *p = text;
    return true;
}

bool awk_compare(struct awk_memory *m, const struct awk_value *a, const struct awk_value *b, int *order)
{
    if (a->kind != AWK_STRING && b->kind != AWK_STRING) {
        awk_number x = awk_number_of(a), y = awk_number_of(b);
        *order = (x > y) - (x < y);
        return true;
    }
    const char *p, *q;
    u32 n, k;
    if (!awk_text_of(m, a, &p, &n) || !awk_text_of(m, b, &q, &k))
        return false;
    int bytes = min(n, k) ? memcmp(p, q, min(n, k)) : 0;
    *order = bytes ? (bytes > 0) - (bytes < 0) : (n > k) - (n < k);
    return true;
}

/* The new text is copied before the old one goes: they may be the same. */
bool awk_cell_set(struct awk_memory *m, struct awk_cell *c, const struct awk_value *v)
{
    struct awk_cell now = {.value = *v};
    if (v->kind == AWK_STRING || v->kind == AWK_NUMERIC) {
        now.own = awk_get(m, v->n);
        if (!now.own)
            return false;
        memcpy(now.own, v->p, v->n);
        now.value.p = now.own;
    }
    awk_cell_clear(m, c);
    *c = now;
    return true;
}

void awk_cell_clear(struct awk_memory *m, struct awk_cell *c)
{
    awk_put(m, c->own);
    *c = (struct awk_cell){.value = {.kind = AWK_UNSET}};
}
