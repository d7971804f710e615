/* The boot files: the configuration, and whatever came with it. */
#ifndef BOOT_FILES_H
#define BOOT_FILES_H

#include "lib/base.h"

/* Enters them under /etc. First found wins: conf= on the command line (a module or a file in one), fw_cfg
 * opt/weir/conf, the first module, the built-in one. Says on the log which it was; false: the built-in one. Task
 * context.
 */
bool boot_files(void);

#endif
