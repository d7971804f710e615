/* Who loaded us, and what he said: fills bootinfo. */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "lib/base.h"

void loader_read(u32 magic, u64 info); /* on the early map; panics when it was no loader that we know */

#endif
