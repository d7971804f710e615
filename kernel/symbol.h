/* The table of symbols in the image: names for addresses. Made by boot/symbols.awk when the image is linked. */
#ifndef KERNEL_SYMBOL_H
#define KERNEL_SYMBOL_H

#include "lib/base.h"

/* The function that holds addr: its name, the offset in it and its size; NULL for an address outside the code. Any
 * context: reads constants alone. */
const char *symbol_find(u64 addr, u64 *offset, u64 *size);

/* "name+0x12/0x80", or the number; always NUL-terminated. */
void symbol_text(char *p, size_t n, u64 addr);

#endif
