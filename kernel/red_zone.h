/* Debug builds' look at objects in memory: what lies behind their end, and whether freed ones were written to.
 *
 *     |  object, `size` bytes  |  0xbb ...  | struct red_zone |          up to `slot`, a multiple of 16
 *
 * A freed object holds 0x6b, but for its first 8 bytes, where the allocator may keep a link.
 */
#ifndef KERNEL_RED_ZONE_H
#define KERNEL_RED_ZONE_H

#include "lib/base.h"

struct red_zone {
    u32 magic, size;
    const void *who; /* return address of who allocated, or freed, last */
};

void red_zone_fresh(void *p, size_t slot); /* a slot that was never used */
void red_zone_alloc(const char *pool, void *p, size_t size, size_t slot, const void *who); /* panics when it was written
                                                                                              to since it was freed */
void red_zone_free(const char *pool, void *p, size_t slot, const void *who); /* panics: second free, overrun */

#endif
