/* lib/list.h against what its comments say. */
#include "lib/check.h"
#include "lib/list.h"

struct item {
    int v;
    struct list node;
};

static int sum_in_order(struct list *head)
{
    int n = 0;
    LIST_FOREACH(head, struct item, node, i)
        n = n * 10 + i->v;
    return n;
}

TEST(list_keeps_order)
{
    LIST_HEAD(head);
    struct item a = {.v = 1}, b = {.v = 2}, c = {.v = 3};
    list_add_tail(&head, &b.node);
    list_add_tail(&head, &c.node);
    list_add(&head, &a.node);
    CHECK_EQ(sum_in_order(&head), 123);
    list_del(&b.node);
    CHECK(list_empty(&b.node));
    list_del(&b.node);
    CHECK_EQ(sum_in_order(&head), 13);
    CHECK(list_pop(&head) == &a.node);
    CHECK(list_pop(&head) == &c.node);
    CHECK(list_pop(&head) == NULL);
}

TEST(list_splice_moves_all)
{
    LIST_HEAD(to);
    LIST_HEAD(from);
    struct item a = {.v = 1}, b = {.v = 2}, c = {.v = 3};
    list_add_tail(&to, &a.node);
    list_add_tail(&from, &b.node);
    list_add_tail(&from, &c.node);
    list_splice_tail(&to, &from);
    CHECK_EQ(sum_in_order(&to), 123);
    CHECK(list_empty(&from));
    list_splice_tail(&to, &from);
    CHECK_EQ(sum_in_order(&to), 123);
    LIST_FOREACH_SAFE(&to, struct item, node, i)
        list_del(&i->node);
    CHECK(list_empty(&to));
}
