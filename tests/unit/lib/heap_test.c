/* The heap against an array: the least key of all that are in. */
#include "lib/check.h"
#include "lib/heap.h"

#define NODES 300

static struct heap_node nodes[NODES];

static void clear_nodes(void)
{
    for (unsigned i = 0; i < NODES; i++)
        nodes[i] = (struct heap_node){0};
}

static u64 least_key(void)
{
    u64 least = ~0ull;
    for (unsigned i = 0; i < NODES; i++)
        if (nodes[i].in)
            least = min(least, nodes[i].key);
    return least;
}

TEST(heap_sorts)
{
    struct heap h = {0};
    u64 last = 0;
    clear_nodes();
    for (unsigned i = 0; i < NODES; i++)
        heap_add(&h, &nodes[i], test_rand() % 1000);
    for (unsigned i = 0; i < NODES; i++) {
        struct heap_node *n = heap_first(&h);
        CHECK(n->key >= last);
        last = n->key;
        heap_del(&h, n);
        CHECK(!n->in);
    }
    CHECK(!heap_first(&h));
}

TEST(heap_against_array)
{
    struct heap h = {0};
    clear_nodes();
    for (unsigned round = 0; round < 30000; round++) {
        struct heap_node *n = &nodes[test_rand() % NODES];
        if (n->in && test_rand() % 3 == 0)
            n = heap_first(&h);
        if (n->in)
            heap_del(&h, n);
        else
            heap_add(&h, n, test_rand() % 64 ? test_rand() % 5000 : ~0ull);
        u64 first = heap_first(&h) ? heap_first(&h)->key : ~0ull;
        if (first != least_key()) {
            CHECK_EQ(first, least_key());
            return;
        }
    }
}
