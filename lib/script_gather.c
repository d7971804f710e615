/* Output kept in memory: a chain of blocks, so that nothing is ever moved under the lock. */
#include "lib/script_gather.h"

#include "lib/string.h"

struct gather_block {
    struct gather_block *next;
    size_t n;
    char bytes[2000];
};

static int append(struct gather *g, const char *p, size_t n)
{
    if (g->err)
        return g->err;
    if (n > g->limit - g->n)
        return -EFBIG;
    while (n) {
        struct gather_block *b = g->last;
        if (!b || b->n == sizeof(b->bytes)) {
            b = mem_alloc(sizeof(*b));
            if (!b)
                return -ENOMEM;
            b->next = NULL;
            b->n = 0;
            if (g->last)
                g->last->next = b;
            else
                g->first = b;
            g->last = b;
        }
        size_t fits = min(n, sizeof(b->bytes) - b->n);
        memcpy(b->bytes + b->n, p, fits);
        b->n += fits;
        g->n += fits;
        p += fits;
        n -= fits;
    }
    return 0;
}

static int write_gather(struct out *o, const char *p, size_t n)
{
    struct gather *g = container_of(o, struct gather, out);
    int err;

    spin_lock(&g->lock);
    g->err = err = append(g, p, n);
    spin_unlock(&g->lock);
    return err;
}

void gather_init(struct gather *g, size_t limit)
{
    *g = (struct gather){.limit = limit};
    out_init(&g->out, write_gather, NULL, false);
}

char *gather_text(const struct gather *g)
{
    char *text = mem_alloc(g->n + 1), *p = text;

    if (!text)
        return NULL;
    for (const struct gather_block *b = g->first; b; b = b->next) {
        memcpy(p, b->bytes, b->n);
        p += b->n;
    }
    *p = '\0';
    return text;
}

void gather_free(struct gather *g)
{
    struct gather_block *b = g->first;

    while (b) {
        struct gather_block *next = b->next;
        mem_free(b);
        b = next;
    }
    g->first = g->last = NULL;
}
