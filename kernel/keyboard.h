/* The PS/2 keyboard behind an i8042. */
#ifndef KERNEL_KEYBOARD_H
#define KERNEL_KEYBOARD_H

#include "lib/base.h"

void keyboard_init(void); /* task, after irq_init; without a controller or a keyboard it does nothing */

#endif
