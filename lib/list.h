/* Intrusive doubly linked lists: a `struct list` inside each member, one `struct list` as the head.
 *
 *     struct list head;  list_init(&head);
 *     list_add_tail(&head, &obj->node);
 *     LIST_FOREACH(&head, struct obj, node, o) ...         o must not leave the list inside the loop
 *     LIST_FOREACH_SAFE(&head, struct obj, node, o) ...    o may
 *
 * A node that was taken out points at itself, so list_del twice is harmless and list_empty(node) says whether
 * it is on a list. No locking here: the owner's lock guards the list and every node on it.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/base.h"

struct list {
    struct list *next, *prev;
};

#define LIST_HEAD(name) struct list name = {&(name), &(name)}

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_insert_between(struct list *n, struct list *prev, struct list *next)
{
    n->prev = prev;
    n->next = next;
    prev->next = n;
    next->prev = n;
}

static inline void list_add(struct list *head, struct list *n)
{
    list_insert_between(n, head, head->next);
}

static inline void list_add_tail(struct list *head, struct list *n)
{
    list_insert_between(n, head->prev, head);
}

static inline void list_del(struct list *n)
{
    n->prev->next = n->next;
    n->next->prev = n->prev;
    list_init(n);
}

/* The first node, taken out; NULL when the list is empty. */
static inline struct list *list_pop(struct list *head)
{
    struct list *n = head->next;
    if (n == head)
        return NULL;
    list_del(n);
    return n;
}

/* Moves all of `from` to the end of `to`; `from` is empty afterwards. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#define LIST_FOREACH(head, type, member, var)                                          \
    for (type *var = container_of((head)->next, type, member); &var->member != (head); \
         var = container_of(var->member.next, type, member))

#define LIST_FOREACH_SAFE(head, type, member, var)                        \
    for (type *var = container_of((head)->next, type, member),            \
              *var##_next = container_of(var->member.next, type, member); \
         &var->member != (head); var = var##_next, var##_next = container_of(var->member.next, type, member))

#endif
