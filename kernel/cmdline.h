/* Words on the boot command line: NAME or NAME=VALUE, blank-separated, "double quotes" hold blanks.
 *
 *     static int set_level(const char *value) { ... return 0; or -EINVAL }
 *     BOOT_OPTION(loglevel, "loglevel", set_level, "0..7: what the console shows");
 *
 * An option may be given again: it is set again, so the last one counts, or all do. Words that nobody knows are named
 * on the console, and so are values that their owner refuses. Everything behind "--" is left alone.
 */
#ifndef KERNEL_CMDLINE_H
#define KERNEL_CMDLINE_H

#include "lib/base.h"
#include "lib/set.h"

struct boot_option {
    const char *name;
    int (*set)(const char *value); /* NULL value: the name stood alone. Early: no memory, no interrupts, no tasks */
    const char *help;
};

#define BOOT_OPTION(id, opt_name, set_fn, help_text)                                          \
    static const struct boot_option boot_option_##id##_entry = {opt_name, set_fn, help_text}; \
    SET_ADD(boot_option, boot_option_##id##_entry)

void cmdline_run(const char *words); /* once, early */

/* For who must know before cmdline_run: the value of the n-th `name` into p, or false. Enter the option all the same.
 */
bool cmdline_get(const char *words, const char *name, unsigned n, char *p, size_t size);

#endif
