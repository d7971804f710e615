/* What lib/lpm.c asks of nodes: memory, and their 256 places in either shape. For lib/lpm*.c alone. */
#ifndef LIB_LPM_NODE_H
#define LIB_LPM_NODE_H

#include "lib/lpm.h"

#define LPM_PLACES 256u

void lpm_count_bytes(struct lpm *l, ssize change);
bool lpm_add_chunk(struct lpm *l);                     /* false: no memory, or LPM_CHUNKS */
struct lpm_node *lpm_node_alloc(struct lpm *l);        /* zeroed; NULL: no memory */
void lpm_node_free(struct lpm *l, struct lpm_node *n); /* one that no reader has seen; its prefixes are the caller's */
void lpm_entries_free(struct lpm *l, struct lpm_node *n);
void lpm_retire(struct lpm_node *n);        /* frees it when its readers are gone */
u32 lpm_entry_of(const struct lpm_node *n); /* what stands in the place that leads to it */

/* Where a place's entry stands: that of its whole run. */
u32 *lpm_entry_at(const struct lpm_node *n, u8 at);

/* Goes through the runs: begins with {.node = n}; NULL after the last. */
struct lpm_run {
    const struct lpm_node *node;
    unsigned run;   /* the next */
    unsigned place; /* where the last returned begins */
};
u32 *lpm_next_run(struct lpm_run *at);

/* What each place gets of these prefixes; 0: none covers it. The list is in the order of ids, so shorter prefixes come
 * first and longer ones over them. */
void lpm_paint(const struct lpm_prefix *prefix, unsigned prefixes, u32 place[LPM_PLACES]);
/* Gives a node its places. False: no memory. */
bool lpm_fold(struct lpm *l, struct lpm_node *n, const u32 place[LPM_PLACES]);
/* Gives it its places where all are 0 but for `count` of them. */
void lpm_fold_one(struct lpm_node *n, u8 from, unsigned count, u32 entry);

#endif
