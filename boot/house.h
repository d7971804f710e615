/* What stands on the machine: devices, boot files, the stack, the shell. */
#ifndef BOOT_HOUSE_H
#define BOOT_HOUSE_H

#include "lib/base.h"

NORETURN void house_up(void); /* the task "main"; ends as the console's shell */

#endif
