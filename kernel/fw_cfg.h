/* QEMU's firmware configuration device: named files that the command line gave (-fw_cfg name=opt/weir/conf,file=...).
 */
#ifndef KERNEL_FW_CFG_H
#define KERNEL_FW_CFG_H

#include "lib/base.h"

/* The file `name` in memory of its own (page_alloc: never freed), its size in *size. NULL: no such device, no such
 * file, or no memory (then *size says how large it was, else 0). Task context, once at bring-up. */
void *fw_cfg_file(const char *name, size_t *size);

#endif
