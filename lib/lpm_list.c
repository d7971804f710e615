/* The list of prefixes that a node of a longest-prefix match table has (contract: lib/lpm_node.h), in the order of ids:
 * shorter ones first, and those of one length by address. The writers' alone, so it changes where it lies. */
#include "lib/lpm_node.h"
#include "lib/string.h"

unsigned lpm_list_position(const struct lpm_node *n, u32 id)
{
    unsigned low = 0, high = n->prefixes;

    while (low < high) {
        unsigned mid = (low + high) / 2;
        if (n->prefix[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct lpm_prefix *lpm_list_alloc(struct lpm *l, unsigned room)
{
    struct lpm_prefix *p = mem_alloc(room * sizeof(*p));
    if (p)
        lpm_count_bytes(l, (ssize)(room * sizeof(*p)));
    return p;
}

void lpm_list_free(struct lpm *l, struct lpm_prefix *p, unsigned room)
{
    if (p)
        lpm_count_bytes(l, -(ssize)(room * sizeof(*p)));
    mem_free(p);
}

bool lpm_list_grow(struct lpm *l, struct lpm_node *n)
{
    unsigned room = n->room + max(n->room / 4u, 2u);
    struct lpm_prefix *p = lpm_list_alloc(l, room);

    if (!p)
        return false;
    memcpy(p, n->prefix, n->prefixes * sizeof(*p));
    lpm_list_free(l, n->prefix, n->room);
    n->prefix = p;
    n->room = (u16)room;
    return true;
}

void lpm_list_put(struct lpm_node *n, unsigned at, struct lpm_prefix p)
{
    memmove(n->prefix + at + 1, n->prefix + at, (n->prefixes - at) * sizeof(p));
    n->prefix[at] = p;
    n->prefixes++;
}

void lpm_list_take(struct lpm *l, struct lpm_node *n, unsigned at)
{
    n->prefixes--;
    memmove(n->prefix + at, n->prefix + at + 1, (n->prefixes - at) * sizeof(*n->prefix));
    if (n->prefixes)
        return;
    lpm_list_free(l, n->prefix, n->room);
    n->prefix = NULL;
    n->room = 0;
}
