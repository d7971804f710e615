/* The backslash escapes of echo -e and printf. */
#ifndef APPS_SHELL_ESCAPE_H
#define APPS_SHELL_ESCAPE_H

#include "lib/base.h"

/* Reads the escape at *s, which stands behind the backslash, into buf (at most 4 bytes); *s moves behind it. The number
 * of bytes, or -1 for \c: nothing further shall be printed. `zero` says that an octal number begins with a 0 (echo). */
int escape_read(const char **s, char buf[4], bool zero);

#endif
