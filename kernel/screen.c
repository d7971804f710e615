/* The screen: one terminal, and beside it what stands on the glass.
 *
 * A write feeds the terminal and then draws the cells that differ; so a page that scrolls by in one write is drawn
 * once, and video memory, which is slow to read, is never read. The cursor is a reversed cell where the hardware has
 * none of its own. Knows no lock: the console has one.
 */
#include "kernel/screen.h"
#include "kernel/bootinfo.h"
#include "kernel/vt.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define NOTHING (~0u) /* no cell: draws again */

static struct {
    const struct screen_ops *ops; /* NULL: there is no screen */
    struct vt vt;
    u32 *glass;
    const struct boot_framebuffer *fb;
} screen;

static void draw_row(unsigned y, unsigned cursor_x)
{
    const u32 *row = vt_row(&screen.vt, y);
    u32 *glass = screen.glass + (size_t)y * screen.vt.columns;

    for (unsigned x = 0; x < screen.vt.columns; x++) {
        u32 cell = x == cursor_x ? row[x] ^ VT_REVERSE : row[x];
        if (glass[x] == cell)
            continue;
        glass[x] = cell;
        screen.ops->draw(x, y, cell);
    }
}

static void draw(void)
{
    const struct vt *vt = &screen.vt;

    for (unsigned y = 0; y < vt->rows; y++)
        draw_row(y, y == vt->y && !vt->cursor_hidden && !screen.ops->cursor ? vt->x : NOTHING);
    if (screen.ops->cursor)
        screen.ops->cursor(vt->x, vt->y, !vt->cursor_hidden);
}

int screen_init(const struct boot_framebuffer *fb, void (*reply)(void *arg, const char *p, size_t n))
{
    unsigned columns, rows;
    const struct screen_ops *ops = framebuffer_init(fb, &columns, &rows);

    if (!ops)
        ops = vga_init(fb, &columns, &rows);
    if (!ops)
        return -ENODEV;
    columns = min(columns, (unsigned)VT_COLUMNS_MAX);
    rows = min(rows, (unsigned)VT_ROWS_MAX);
    size_t cells = (size_t)columns * rows;
    u32 *memory = mem_alloc(2 * cells * sizeof(u32));
    if (!memory)
        return -ENOMEM;
    screen.glass = memory + cells;
    screen.fb = fb;
    for (size_t i = 0; i < cells; i++)
        screen.glass[i] = NOTHING;
    vt_init(&screen.vt, memory, columns, rows, reply, NULL);
    screen.ops = ops;
    draw();
    return 0;
}

bool screen_is_there(void)
{
    return screen.ops != NULL;
}

void screen_name(char *p, size_t n)
{
    const struct boot_framebuffer *fb = screen.fb;

    if (!screen.ops)
        str_copy(p, n, "none");
    else if (fb->kind == BOOT_FRAMEBUFFER)
        fmt(p, n, "%s %ux%ux%u, %ux%u characters", screen.ops->name, fb->width, fb->height, fb->bpp, screen.vt.columns,
            screen.vt.rows);
    else
        fmt(p, n, "%s, %ux%u characters", screen.ops->name, screen.vt.columns, screen.vt.rows);
}

void screen_write(const void *p, size_t n)
{
    if (!screen.ops)
        return;
    vt_feed(&screen.vt, p, n);
    draw();
}

void screen_panic(void)
{
    if (!screen.ops)
        return;
    for (size_t i = 0; i < (size_t)screen.vt.columns * screen.vt.rows; i++)
        screen.glass[i] = NOTHING;
}
