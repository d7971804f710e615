/* uname and hostname: which system this is.
 *
 *     uname -a      uname -r      hostname
 *
 * Options and their order are Linux's; the name of the kernel is Weir. The host's name is kernel.hostname where that
 * tunable is, else "weir".
 */
#include "apps/shell/option.h"
#include "lib/cmd.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"

static void host_name(struct cmd_ctx *c, char *to, size_t size)
{
    char *p;
    size_t n;
    str_copy(to, size, "weir");
    if (file_load(c->net, "/proc/sys/kernel/hostname", 256, &p, &n) != 0)
        return;
    str_copy_n(to, size, p, strcspn(p, "\n"));
    mem_free(p);
}

static int cmd_uname(struct cmd_ctx *c)
{
    static const char letters[] = "snrvmo";
    char host[65];
    host_name(c, host, sizeof(host));
    const char *const words[] = {"Weir", host, WEIR_VERSION, "#1 SMP", "x86_64", "Weir"};
    struct option_reader o;
    bool shown[ARRAY_LEN(words)] = {false};
    int letter;
    unsigned count = 0;
    for (option_start(&o, c, "asnrvmo"); (letter = option_next(&o)) > 0;)
        for (unsigned i = 0; i < ARRAY_LEN(words); i++)
            if (letter == 'a' || letters[i] == letter)
                count += !shown[i], shown[i] = true;
    if (o.bad)
        return option_refuse(&o);
    shown[0] |= !count;
    const char *gap = "";
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (shown[i]) {
            out_text(c->out, "%s%s", gap, words[i]);
            gap = " ";
        }
    out_text(c->out, "\n");
    return 0;
}

static int cmd_hostname(struct cmd_ctx *c)
{
    char host[65];
    if (c->argc > 1)
        return cmd_usage(c, "the name is set by `sysctl -w kernel.hostname=NAME`");
    host_name(c, host, sizeof(host));
    out_text(c->out, "%s\n", host);
    return 0;
}

CMD(uname, .name = "uname", .group = "system", .help = "which system this is", .usage = "[-asnrvmo]", .run = cmd_uname);
CMD(hostname, .name = "hostname", .group = "system", .help = "the name of this host", .usage = "", .run = cmd_hostname);
