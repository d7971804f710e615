/* Sets of CPUs as Linux's files write them: lists ("0-3,5") and masks of hexadecimal digits ("2f", "ff,ffffffff"). */
#ifndef LIB_CPULIST_H
#define LIB_CPULIST_H

#include "lib/base.h"

#define CPULIST_TEXT 256 /* room for any set of 64 as a list */

/* Whole text or refused: 0, -EINVAL (not understood), -ERANGE (names a CPU that a set of 64 cannot hold). A newline
 * at the end is allowed. An empty list is the empty set. */
int cpulist_parse(const char *s, size_t n, u64 *cpus);
int cpumask_parse(const char *s, size_t n, u64 *cpus);

/* NUL-terminated, without a newline. `count`: CPUs of the machine, which decides how many digits a mask has. */
size_t cpulist_text(char *p, size_t size, u64 cpus);
size_t cpumask_text(char *p, size_t size, u64 cpus, unsigned count);

#endif
