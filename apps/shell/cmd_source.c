/* sh: running a script of one's own.
 *
 *     sh /etc/weir.conf      sh -c 'ls /proc | wc -l'
 *
 * sh runs it with variables of its own; a refused script runs nothing, as at boot.
 */
#include "apps/shell/boot_script.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/script.h"
#include "lib/string.h"

static int run_words(struct cmd_ctx *c, const char *text)
{
    struct script_env env;
    script_env_within(&env, c);
    int status = script_text(&env, text, strlen(text));
    script_env_free(&env);
    return status;
}

static int cmd_sh(struct cmd_ctx *c)
{
    if (c->argc == 3 && str_eq(c->argv[1], "-c"))
        return run_words(c, c->argv[2]);
    if (c->argc != 2 || c->argv[1][0] == '-')
        return cmd_usage(c, "you are at the shell already: which script?");
    int result = boot_script_run(c->net, c->argv[1], c->out, c->err, c->shell, (u8)(c->depth + 1));
    if (result == -ENOENT)
        cmd_error(c, "%s: %s", c->argv[1], errno_text(result));
    if (result == -ENOENT)
        return 127;
    return result < 0 ? 2 : result > 0;
}

CMD(sh, .name = "sh", .group = "shell", .help = "run a script", .usage = "FILE | -c SCRIPT", .run = cmd_sh);
CMD(bash, .name = "bash", .group = "shell", .help = "run a script", .usage = "FILE | -c SCRIPT", .run = cmd_sh);
