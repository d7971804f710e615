/* Allocations that fail on purpose, in debug builds: the n-th from now, once, wherever it is asked for. So a test that
 * counts n up has seen every one of them fail.
 *
 * Each way in to memory asks mem_may_fail first. The boot option failalloc=N does the same from the first allocation
 * on.
 */
#ifndef KERNEL_MEM_FAIL_H
#define KERNEL_MEM_FAIL_H

#include "lib/base.h"

void mem_fail_at(u64 n);  /* 0 never, 1 the next */
bool mem_failed(void);    /* has that one been made to fail? */
u64 mem_fail_count(void); /* allocations since boot */

bool mem_fail_now(void);

static inline bool mem_may_fail(void) /* counts; true when this one shall fail */
{
    return PLAT_DEBUG && mem_fail_now();
}

#endif
