/* Which image this is. */
#ifndef KERNEL_BUILD_ID_H
#define KERNEL_BUILD_ID_H

#include "lib/base.h"

/* The linker's build id in hexadecimal; "" when the image has none. */
const char *build_id(void);

#endif
