/* Words that several CPUs touch, over the compiler's C11 atomics.
 *
 * Names say the order: `_relaxed` for counters, `_acquire`/`_release` for publishing. Where nothing is said
 * (atomic_add and kin) the operation is acquire and release in one.
 */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include "lib/base.h"

#define load_relaxed(p)     __atomic_load_n((p), __ATOMIC_RELAXED)
#define load_acquire(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define atomic_add(p, v)         __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL) /* the new value */
#define atomic_sub(p, v)         __atomic_sub_fetch((p), (v), __ATOMIC_ACQ_REL) /* the new value */
#define atomic_add_relaxed(p, v) __atomic_add_fetch((p), (v), __ATOMIC_RELAXED)
#define atomic_or(p, v)          __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)  /* the old value */
#define atomic_and(p, v)         __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL) /* the old value */
#define atomic_swap(p, v)        __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)

/* True and *p = new when *p was old; a full barrier either way. */
#define atomic_cas(p, old, new) __sync_bool_compare_and_swap((p), (old), (new))

static inline void atomic_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void compiler_fence(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#endif
