/* reboot, poweroff (halt and shutdown, too), and panic, which asks first. */
#include "kernel/power.h"
#include "lib/cmd.h"
#include "lib/io.h"
#include "lib/plat.h"
#include "lib/string.h"

static int end(struct cmd_ctx *c, enum power_what what)
{
    out_text(c->out, "%s\n", what == POWER_OFF ? "power off" : "reboot");
    if (what == POWER_OFF)
        plat_poweroff();
    else
        plat_reboot();
    return cmd_error(c, "the machine does not let itself be switched %s", what == POWER_OFF ? "off" : "over");
}

/* -f, -p, -h and --force are what people type by habit: there is nothing that could be forced. */
static int cmd_end(struct cmd_ctx *c, enum power_what what)
{
    for (int i = 1; i < c->argc; i++)
        if (!str_eq(c->argv[i], "-f") && !str_eq(c->argv[i], "--force") && !str_eq(c->argv[i], "-p"))
            return cmd_usage(c, "\"%s\" is not understood", c->argv[i]);
    return end(c, what);
}

static int cmd_reboot(struct cmd_ctx *c)
{
    return cmd_end(c, POWER_REBOOT);
}

static int cmd_poweroff(struct cmd_ctx *c)
{
    return cmd_end(c, POWER_OFF);
}

/* shutdown [-h | -P | -r] now */
static int cmd_shutdown(struct cmd_ctx *c)
{
    enum power_what what = POWER_OFF;
    bool now = false;

    for (int i = 1; i < c->argc; i++) {
        const char *w = c->argv[i];
        if (str_eq(w, "-r"))
            what = POWER_REBOOT;
        else if (str_eq(w, "now") || str_eq(w, "+0"))
            now = true;
        else if (!str_eq(w, "-h") && !str_eq(w, "-P") && !str_eq(w, "-H"))
            return cmd_usage(c, "\"%s\": only \"now\" can be the time", w);
    }
    if (!now)
        return cmd_usage(c, "the time is missing: shutdown %s now", what == POWER_REBOOT ? "-r" : "-h");
    return end(c, what);
}

static int cmd_panic(struct cmd_ctx *c)
{
    char answer[16];
    size_t n = 0;

    if (c->argc > 2 || (c->argc == 2 && !str_eq(c->argv[1], "-f")))
        return cmd_usage(c, "\"%s\" is not understood", c->argv[1]);
    if (c->argc == 2)
        panic("asked for at the console");
    out_text(c->out, "This stops all traffic and prints a crash report, for a test of what happens then. "
                     "Type \"yes\" to go on.\n");
    while (n < sizeof(answer) - 1) {
        ssize got = io_read(c->in, answer + n, 1);
        if (got <= 0)
            break;
        if (answer[n] == '\n' || answer[n] == '\r')
            break;
        n++;
    }
    answer[n] = 0;
    if (!str_eq(answer, "yes")) {
        out_text(c->out, "nothing was done\n");
        return 1;
    }
    panic("asked for at the console");
}

CMD(reboot, .name = "reboot", .group = "system", .help = "start the machine again", .usage = "[-f]", .run = cmd_reboot);
CMD(poweroff, .name = "poweroff", .group = "system", .help = "switch the machine off", .usage = "[-f]",
    .run = cmd_poweroff);
CMD(halt, .name = "halt", .group = "system", .help = "switch the machine off", .usage = "[-f] [-p]",
    .run = cmd_poweroff);
CMD(shutdown, .name = "shutdown", .group = "system", .help = "switch the machine off, or start it again",
    .usage = "[-h | -r] now", .run = cmd_shutdown);
CMD(panic, .name = "panic", .group = "system", .help = "crash on purpose, after asking", .usage = "[-f]",
    .run = cmd_panic);
