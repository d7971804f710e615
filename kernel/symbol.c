/* Looks addresses up in the table that boot/symbols.awk made of the linked image.
 *
 *     symbol_table:  u32 count, then count of { u32 offset from image_start; u32 offset of its name }, sorted by
 * address symbol_names:  the names, each ending in NUL
 *
 * In the first of the two link passes the table is not there yet: it is weak.
 */
#include "kernel/symbol.h"

#include "lib/fmt.h"

struct entry {
    u32 at, name;
};

extern const u8 image_start[], image_text_end[];
extern const u32 symbol_count[] __attribute__((weak));
extern const struct entry symbol_table[] __attribute__((weak));
extern const char symbol_names[] __attribute__((weak));

const char *symbol_find(u64 addr, u64 *offset, u64 *size)
{
    u64 text = (u64)(image_text_end - image_start), at = addr - (u64)image_start;

    if (!symbol_count || addr < (u64)image_start || at >= text || !*symbol_count)
        return NULL;
    u32 low = 0, high = *symbol_count; /* the last entry that is not above: in [low, high) */
    while (high - low > 1) {
        u32 mid = low + (high - low) / 2;
        if (symbol_table[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    if (symbol_table[low].at > at)
        return NULL;
    u64 end = low + 1 < *symbol_count ? symbol_table[low + 1].at : text;
    *offset = at - symbol_table[low].at;
    *size = end - symbol_table[low].at;
    return symbol_names + symbol_table[low].name;
}

void symbol_text(char *p, size_t n, u64 addr)
{
    u64 offset, size;
    const char *name = symbol_find(addr, &offset, &size);
    if (name)
        fmt(p, n, "%s+0x%lx/0x%lx", name, offset, size);
    else
        fmt(p, n, "0x%016lx", addr);
}
