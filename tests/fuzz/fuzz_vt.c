/* Any bytes to terminals of several sizes: the cursor stays inside, replies are short, nothing is written beside. */
#include "kernel/vt.h"
#include "lib/plat.h"

static void reply(void *arg, const char *p, size_t n)
{
    if (n > 16)
        panic("a reply of %zu bytes", n);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 2)
        return 0;
    unsigned columns = 1 + p[0] % 81, rows = 1 + p[1] % 25;
    u32 *cells = mem_alloc((size_t)columns * rows * sizeof(*cells));
    struct vt vt;

    if (!cells)
        return 0;
    vt_init(&vt, cells, columns, rows, reply, NULL);
    vt_feed(&vt, p + 2, n - 2);
    if (vt.x >= columns || vt.y >= rows || vt.top > vt.bottom || vt.bottom >= rows || vt.first >= rows)
        panic("the cursor left the screen");
    mem_free(cells);
    return 0;
}
