/* What an error number says in words: errno_text(-ENOENT) is "No such file or directory", as the C library has it. */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#include "lib/base.h"

const char *errno_text(int err); /* negative or positive */

#endif
