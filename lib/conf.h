/* Configuration is changed by one task at a time (contract 8): whoever changes any of it stands in between
 *
 *     conf_enter();
 *     ... checks and stores; conf_assert() in the module's own functions that change ...
 *     conf_leave();
 *
 * lib does it around every store of a tunable and of a writable view; a command does it around its act, which is behind
 * the reading of its words and its input and before its printing: who reads a pipe or prints into one while he holds
 * the lock would wait for the command at the pipe's other end, and that one for the lock.
 *
 * Within a task it nests, so an act may set a tunable. It is outside of all other locks. Readers do not take it, and
 * nothing on the packet path does: they see old or new by their own means (a store, a generation). Task context.
 */
#ifndef LIB_CONF_H
#define LIB_CONF_H

#include "lib/plat.h"

void conf_enter(void);
void conf_leave(void);
bool conf_held(void); /* by the caller */

static inline void conf_assert(void)
{
    if (PLAT_DEBUG && !conf_held())
        panic("configuration is changed without conf_lock");
}

#endif
