/* panic= on the command line: what follows a panic. kernel/panic.c does it; here the word is only read.
 *
 *     panic=reboot   at once        panic=30   after 30 seconds        panic=halt   never (and so without the option)
 *
 * 0 is never and -1 at once, as on Linux and as in kernel.panic.
 */
#include "kernel/cmdline.h"
#include "kernel/panic.h"
#include "lib/parse.h"
#include "lib/string.h"

static int option_panic(const char *value)
{
    u32 seconds = 0;
    if (!value)
        return -EINVAL;
    if (str_eq(value, "halt") || str_eq(value, "0"))
        panic_then = -1;
    else if (str_eq(value, "reboot") || str_eq(value, "-1"))
        panic_then = 0;
    else if (parse_u32(value, 0, 86400, &seconds, NULL))
        return -EINVAL;
    else
        panic_then = (int)seconds;
    return 0;
}

BOOT_OPTION(panic, "panic", option_panic, "reboot, halt, or seconds until reboot: what follows a panic");
