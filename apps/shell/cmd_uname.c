/* uname and hostname: which system this is.
 *
 *     uname         Weir
 *     uname -a      Weir weir 0.1.0 #f00dfeed SMP PREEMPT x86_64 Weir
 *     hostname      weir            hostname NAME     the same as sysctl -w kernel.hostname=NAME
 *
 * The words are the tunables kernel.ostype, hostname, osrelease, version, arch; where there are none, as hosted, what
 * stands beside them here. Order and letters are POSIX's and GNU's.
 */
#include "apps/shell/option.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/sysctl.h"

static const struct {
    const char *letters, *name, *otherwise;
} words[] = {
    {"s", "kernel.ostype", "Weir"},       {"n", "kernel.hostname", "weir"}, {"r", "kernel.osrelease", WEIR_VERSION},
    {"v", "kernel.version", "#1 hosted"}, {"mpi", "kernel.arch", "x86_64"}, {"o", "kernel.ostype", "Weir"},
};

static void show_word(struct cmd_ctx *c, size_t i)
{
    if (sysctl_get(c->net, words[i].name, c->out))
        out_text(c->out, "%s", words[i].otherwise);
}

static int cmd_uname(struct cmd_ctx *c)
{
    struct option_reader o;
    u32 wanted = 0;
    int letter;
    for (option_start(&o, c, "asnrvmpio"); (letter = option_next(&o)) > 0;)
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            if (letter == 'a' || strchr(words[i].letters, letter))
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
        show_word(c, i);
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
        return err ? cmd_error(c, "cannot set the name to \"%s\": %s", c->argv[1], errno_text(err)) : 0;
    }
    show_word(c, 1);
    out_text(c->out, "\n");
    return 0;
}

CMD(uname, .name = "uname", .group = "system", .help = "which system this is", .usage = "[-asnrvmpio]",
    .run = cmd_uname);
CMD(hostname, .name = "hostname", .group = "system", .help = "the name of this host, or a new one", .usage = "[NAME]",
    .run = cmd_hostname);
