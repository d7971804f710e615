/* Which pages are whose: a loader's memory map, as disordered and overlapping as it comes, to spans of whole pages.
 *
 * Pure, so that it is tested hosted on the maps of many machines.
 */
#ifndef KERNEL_RAM_MAP_H
#define KERNEL_RAM_MAP_H

#include "lib/base.h"

#define RAM_MAP_RANGES 192

struct ram_range { /* bytes, as told; base + size may wrap: it is cut */
    u64 base, size;
    bool usable; /* false takes away from what others call usable, whatever the order */
};

struct ram_span { /* page numbers: [first, end) */
    u64 first, end;
};

/* The pages that lie whole in usable ranges and touch no other, ascending and joined; at most `most` spans, of those
 * that find no place the pages are counted in *lost. n is at most RAM_MAP_RANGES. */
unsigned ram_map_spans(const struct ram_range *range, unsigned n, struct ram_span *span, unsigned most, u64 *lost);

#endif
