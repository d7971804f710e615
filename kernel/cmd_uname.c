/* uname: what this is. The words are the tunables kernel.ostype, hostname, osrelease, version, arch; the order and the
 * letters are POSIX's and GNU's.
 *
 *     uname         Weir
 *     uname -a      Weir weir 0.1.0 #f00dfeed SMP PREEMPT x86_64 Weir
 *     hostname      weir            hostname NAME     the same as sysctl -w kernel.hostname=NAME
 */
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/string.h"
#include "lib/sysctl.h"

static const struct {
    char letter;
    const char *name;
} words[] = {
    {'s', "kernel.ostype"},  {'n', "kernel.hostname"}, {'r', "kernel.osrelease"},
    {'v', "kernel.version"}, {'m', "kernel.arch"},     {'o', "kernel.ostype"},
};

static int cmd_uname(struct cmd_ctx *c)
{
    struct option_reader o;
    u32 wanted = 0;
    int letter;

    for (option_start(&o, c, "asnrvmpio"); (letter = option_next(&o)) > 0;)
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            if (letter == 'a' || letter == words[i].letter ||
                (words[i].letter == 'm' && (letter == 'p' || letter == 'i')))
                wanted |= 1u << i;
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\" is not understood", c->argv[o.at]);
    const char *gap = "";
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!((wanted ? wanted : 1) >> i & 1))
            continue;
        out_text(c->out, "%s", gap);
        sysctl_get(c->net, words[i].name, c->out);
        gap = " ";
    }
    out_text(c->out, "\n");
    return 0;
}

static int cmd_hostname(struct cmd_ctx *c)
{
    if (c->argc > 2 || (c->argc == 2 && c->argv[1][0] == '-'))
        return cmd_usage(c, "one name is wanted, or none");
    if (c->argc == 2) {
        int err = sysctl_set(c->net, "kernel.hostname", c->argv[1]);
        return err ? cmd_error(c, "\"%s\" is refused (error %d)", c->argv[1], -err) : 0;
    }
    sysctl_get(c->net, "kernel.hostname", c->out);
    out_text(c->out, "\n");
    return 0;
}

CMD(uname, .name = "uname", .group = "system", .help = "what this is", .usage = "[-asnrvmo]", .run = cmd_uname);
CMD(hostname, .name = "hostname", .group = "system", .help = "this machine's name, or a new one", .usage = "[NAME]",
    .run = cmd_hostname);
