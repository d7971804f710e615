/* Looking where there may be nothing. In kernel/trap.S. */
#ifndef KERNEL_TRAP_READ_H
#define KERNEL_TRAP_READ_H

#include "lib/base.h"

/* Reads 8 bytes at addr; false instead of a fault when nothing is mapped there. For backtraces and tests. Any context.
 */
bool trap_read(u64 addr, u64 *v);

#endif
