/* Characters on a linear framebuffer of 24 or 32 bits a pixel, any pitch and any order of colours.
 *
 * The loader tells where it is (boot.screen); it is mapped write-combining. Only written, never read. Fewer than 24
 * bits, or palettes, are refused: no firmware that runs Weir gives them by itself.
 */
#include "kernel/bootinfo.h"
#include "kernel/font.h"
#include "kernel/screen.h"
#include "kernel/vm.h"
#include "kernel/vt.h"

static struct {
    u8 *base;
    u32 pitch, bytes; /* a line, a pixel */
    u32 colour[16];   /* as pixels */
} fb;

/* ANSI's colours, red << 16 | green << 8 | blue: dark ones soft enough to read text on, light ones bright. */
static const u32 palette[16] = {
    0x000000, 0xc03030, 0x30a030, 0xb08020, 0x4060d0, 0xa040a0, 0x2090a0, 0xc8c8c8,
    0x686868, 0xff6060, 0x60e060, 0xf0d050, 0x80a0ff, 0xe080e0, 0x60d8e8, 0xffffff,
};

static u32 part(u32 rgb, unsigned shift, unsigned bits, unsigned at)
{
    u32 v = rgb >> shift & 0xff;
    return (bits >= 8 ? v << (bits - 8) : v >> (8 - bits)) << at;
}

static void put_pixel(u8 *p, u32 pixel)
{
    if (fb.bytes == 4) {
        *(volatile u32 *)p = pixel;
    } else {
        ((volatile u8 *)p)[0] = (u8)pixel;
        ((volatile u8 *)p)[1] = (u8)(pixel >> 8);
        ((volatile u8 *)p)[2] = (u8)(pixel >> 16);
    }
}

static void draw(unsigned x, unsigned y, u32 cell)
{
    const u8 *rows = font_glyph(VT_RUNE(cell));
    u32 fg = fb.colour[VT_FG(cell)], bg = fb.colour[VT_BG(cell)];
    u8 *line = fb.base + (u64)y * FONT_ROWS * fb.pitch + (u64)x * FONT_COLUMNS * fb.bytes;

    if (cell & VT_REVERSE) {
        u32 was = fg;
        fg = bg;
        bg = was;
    }
    for (unsigned r = 0; r < FONT_ROWS; r++, line += fb.pitch) {
        u8 bits = rows[r];
        if (cell & VT_BOLD)
            bits |= bits >> 1;
        if (cell & VT_UNDERLINE && r == FONT_ROWS - 2)
            bits = 0xff;
        u8 *p = line;
        for (u8 mask = 0x80; mask; mask >>= 1, p += fb.bytes)
            put_pixel(p, bits & mask ? fg : bg);
    }
}

/* Does a colour of so many bits lie within a pixel? */
static bool is_part(const struct boot_framebuffer *b, unsigned at, unsigned bits)
{
    return at + bits <= b->bpp && bits <= 16;
}

static bool is_usable(const struct boot_framebuffer *b)
{
    u64 line = (u64)b->width * (b->bpp / 8);

    return b->kind == BOOT_FRAMEBUFFER && b->base && (b->bpp == 24 || b->bpp == 32) && b->width >= 20 * FONT_COLUMNS &&
           b->height >= 4 * FONT_ROWS && b->width <= 16384 && b->height <= 16384 && b->pitch >= line &&
           b->pitch <= 8 * line && is_part(b, b->red_at, b->red_bits) && is_part(b, b->green_at, b->green_bits) &&
           is_part(b, b->blue_at, b->blue_bits);
}

const struct screen_ops *framebuffer_init(const struct boot_framebuffer *b, unsigned *columns, unsigned *rows)
{
    static const struct screen_ops ops = {.name = "framebuffer", .draw = draw};

    if (!is_usable(b))
        return NULL;
    fb.base = vm_map_io(b->base, (size_t)b->pitch * b->height, VM_WRITE_COMBINING);
    if (!fb.base)
        return NULL;
    fb.pitch = b->pitch;
    fb.bytes = b->bpp / 8;
    for (unsigned i = 0; i < ARRAY_LEN(palette); i++)
        fb.colour[i] = part(palette[i], 16, b->red_bits, b->red_at) | part(palette[i], 8, b->green_bits, b->green_at) |
                       part(palette[i], 0, b->blue_bits, b->blue_at);
    *columns = b->width / FONT_COLUMNS;
    *rows = b->height / FONT_ROWS;
    for (u32 y = 0; y < b->height; y++) /* the margin that holds no whole character, too */
        for (u32 x = 0; x < b->width; x++)
            put_pixel(fb.base + (u64)y * fb.pitch + (u64)x * fb.bytes, fb.colour[0]);
    return &ops;
}
