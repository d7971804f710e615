/* The screen: a terminal (kernel/vt.h) shown on a framebuffer or in VGA text. */
#ifndef KERNEL_SCREEN_H
#define KERNEL_SCREEN_H

#include "lib/base.h"

struct boot_framebuffer;

/* What shows cells: kernel/framebuffer.c or kernel/vga.c. */
struct screen_ops {
    const char *name;
    void (*draw)(unsigned x, unsigned y, u32 cell);  /* a cell as vt.h has it; colours not yet reversed */
    void (*cursor)(unsigned x, unsigned y, bool on); /* NULL: the cursor is a cell drawn reversed */
};

/* After slab_init and vm_init. `reply` gets what the terminal answers. 0, -ENODEV: there is no screen, -ENOMEM. */
int screen_init(const struct boot_framebuffer *fb, void (*reply)(void *arg, const char *p, size_t n));
bool screen_is_there(void);
void screen_name(char *p, size_t n); /* "framebuffer 1024x768x32, 128x48 characters" */

void screen_write(const void *p, size_t n); /* one caller at a time; task context and panic */
void screen_panic(void); /* what was being drawn may be torn: everything is drawn again with the next write */

/* Each finds out whether it can show, and how many characters; NULL: it cannot. */
const struct screen_ops *framebuffer_init(const struct boot_framebuffer *fb, unsigned *columns, unsigned *rows);
const struct screen_ops *vga_init(const struct boot_framebuffer *fb, unsigned *columns, unsigned *rows);

#endif
