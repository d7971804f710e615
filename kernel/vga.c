/* VGA text: 80 columns by 25 rows of characters at B8000 hex, with the hardware's own letters and cursor.
 *
 * Used when the loader says that the machine is in text mode, or when the BIOS left a note of an 80-column text mode
 * in its data area (a plain PVH start under SeaBIOS). Without either there may be no VGA at all, and it is left alone.
 * The hardware's letters are code page 437: what it has of ours is mapped, the rest shows as a filled square.
 */
#include "kernel/bootinfo.h"
#include "kernel/screen.h"
#include "kernel/vm.h"
#include "kernel/vt.h"
#include "kernel/x86.h"

#define TEXT     0xb8000
#define BDA_MODE 0x449 /* BIOS data area: the video mode, then the columns as a word */
#define BDA_COLS 0x44a
#define CRTC     0x3d4
#define COLUMNS  80
#define ROWS     25
#define SQUARE   0xfe

static volatile u16 *text;

/* Code page 437 from 80 hex up: which character stands where. */
static const u16 page_437[128] = {
    0xc7,   0xfc,   0xe9,   0xe2,   0xe4,   0xe0,   0xe5,   0xe7,   0xea,   0xeb,   0xe8,   0xef,   0xee,
    0xec,   0xc4,   0xc5,   0xc9,   0xe6,   0xc6,   0xf4,   0xf6,   0xf2,   0xfb,   0xf9,   0xff,   0xd6,
    0xdc,   0xa2,   0xa3,   0xa5,   0x20a7, 0x192,  0xe1,   0xed,   0xf3,   0xfa,   0xf1,   0xd1,   0xaa,
    0xba,   0xbf,   0x2310, 0xac,   0xbd,   0xbc,   0xa1,   0xab,   0xbb,   0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514,
    0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c,
    0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x3b1,  0xdf,   0x393,  0x3c0,  0x3a3,  0x3c3,  0xb5,   0x3c4,
    0x3a6,  0x398,  0x3a9,  0x3b4,  0x221e, 0x3c6,  0x3b5,  0x2229, 0x2261, 0xb1,   0x2265, 0x2264, 0x2320,
    0x2321, 0xf7,   0x2248, 0xb0,   0x2219, 0xb7,   0x221a, 0x207f, 0xb2,   0x25a0, 0xa0,
};

static u8 letter(u32 rune)
{
    if (rune < 0x7f)
        return (u8)rune;
    for (unsigned i = 0; i < ARRAY_LEN(page_437); i++)
        if (page_437[i] == rune)
            return (u8)(0x80 + i);
    return SQUARE;
}

/* ANSI counts red 1, green 2, blue 4; VGA the other way round. */
static u32 colour(u32 ansi)
{
    return (ansi & 10) | (ansi & 1) << 2 | (ansi & 4) >> 2;
}

static void draw(unsigned x, unsigned y, u32 cell)
{
    u32 fg = VT_FG(cell) | (cell & VT_BOLD ? 8 : 0), bg = VT_BG(cell) & 7; /* the fourth bit would blink */

    if (cell & VT_REVERSE) {
        u32 was = fg;
        fg = bg;
        bg = was & 7;
    }
    text[y * COLUMNS + x] = (u16)(letter(VT_RUNE(cell)) | colour(fg) << 8 | colour(bg) << 12);
}

static void crtc(u8 index, u8 v)
{
    outb(CRTC, index);
    outb(CRTC + 1, v);
}

static void cursor(unsigned x, unsigned y, bool on)
{
    unsigned at = on ? y * COLUMNS + x : ROWS * COLUMNS; /* hidden: beyond what is shown */

    crtc(14, (u8)(at >> 8));
    crtc(15, (u8)at);
}

static bool bios_left_text_mode(void)
{
    u8 mode = *(volatile u8 *)vm_phys(BDA_MODE);
    u16 columns = *(volatile u16 *)vm_phys(BDA_COLS);
    return (mode == 2 || mode == 3) && columns == COLUMNS;
}

const struct screen_ops *vga_init(const struct boot_framebuffer *b, unsigned *columns, unsigned *rows)
{
    static const struct screen_ops ops = {.name = "VGA text", .draw = draw, .cursor = cursor};
    bool told = b->kind == BOOT_VGA_TEXT && b->width == COLUMNS && b->height == ROWS;

    if (!told && (b->kind != BOOT_NO_SCREEN || !bios_left_text_mode()))
        return NULL;
    text = vm_map_io(TEXT, sizeof(u16) * COLUMNS * ROWS, VM_UNCACHED);
    if (!text)
        return NULL;
    *columns = COLUMNS;
    *rows = ROWS;
    return &ops;
}
