/* A sweep over the edges of all ranges: between two neighbouring edges every page has one fate.
 *
 *     usable      |======================|      |=======|
 *     taken            |====|         |=====|
 *     spans       |===|      |=======|           |=====|
 *
 * Usable ranges shrink to whole pages, others grow. Usable ranges that touch are joined first in bytes, so that a page
 * of two halves counts where both halves are usable. Never touches the memory that it speaks of.
 */
#include "kernel/ram_map.h"

#define PAGE_SHIFT 12
#define PAGE_BYTES (1ull << PAGE_SHIFT)

static u64 range_end(const struct ram_range *r)
{
    return r->size > ~r->base ? ~0ull : r->base + r->size;
}

/* The least edge of any range above `at`; ~0 when there is none. */
static u64 next_edge(const struct ram_range *range, unsigned n, u64 at)
{
    u64 least = ~0ull;
    for (unsigned i = 0; i < n; i++) {
        u64 end = range_end(&range[i]);
        if (range[i].base > at && range[i].base < least)
            least = range[i].base;
        if (end > at && end < least)
            least = end;
    }
    return least;
}

/* Is the byte at `at` usable? A taken range counts by whole pages. */
static bool usable_at(const struct ram_range *range, unsigned n, u64 at)
{
    bool usable = false;
    for (unsigned i = 0; i < n; i++) {
        if (at >= range[i].base && at < range_end(&range[i])) {
            if (!range[i].usable)
                return false;
            usable = true;
        }
    }
    return usable;
}

static bool page_taken(const struct ram_range *range, unsigned n, u64 page)
{
    for (unsigned i = 0; i < n; i++)
        if (!range[i].usable && range[i].size && page >= range[i].base >> PAGE_SHIFT &&
            page <= (range_end(&range[i]) - 1) >> PAGE_SHIFT)
            return true;
    return false;
}

/* A usable run of bytes as pages, without a first or last page that something else touches. */
static struct ram_span whole_pages(const struct ram_range *range, unsigned n, u64 from, u64 to)
{
    struct ram_span s = {(from >> PAGE_SHIFT) + !!(from & (PAGE_BYTES - 1)), to >> PAGE_SHIFT};
    while (s.first < s.end && page_taken(range, n, s.first))
        s.first++;
    while (s.first < s.end && page_taken(range, n, s.end - 1))
        s.end--;
    return s;
}

unsigned ram_map_spans(const struct ram_range *range, unsigned n, struct ram_span *span, unsigned most, u64 *lost)
{
    unsigned spans = 0;
    u64 at = 0;

    *lost = 0;
    while (at != ~0ull) {
        u64 from = at;
        while (from != ~0ull && !usable_at(range, n, from))
            from = next_edge(range, n, from);
        for (at = from; at != ~0ull && usable_at(range, n, at);)
            at = next_edge(range, n, at);
        struct ram_span s = whole_pages(range, n, from, at);
        if (s.first >= s.end)
            continue;
        if (spans < most)
            span[spans++] = s;
        else
            *lost += s.end - s.first;
    }
    return spans;
}
