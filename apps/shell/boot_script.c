/* Running the configuration.
 *
 * A boot script that names what Weir does not have (modprobe, too) would come up as half a firewall. So the text is
 * first read to its end, and every command that it plainly names is looked up, before the first is run: each trouble is
 * told with its line and column, all of them in one go. A command that fails when run is told with its line, and the
 * script goes on, as in sh.
 */
#include "apps/shell/boot_script.h"
#include "lib/cmd.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "lib/string.h"

#define SCRIPT_BYTES (4 * MIB)

struct check {
    boot_script_tell *tell;
    void *arg;
    unsigned found;
};

static int look_up(void *arg, const char *word, unsigned line, unsigned col)
{
    struct check *k = arg;
    char *argv[] = {(char *)word, NULL};
    int words;
    const struct cmd *cmd = cmd_find(1, argv, &words);
    bool instead = cmd && cmd->group && str_eq(cmd->group, CMD_ELSEWHERE);
    if (instead || !cmd_known(word)) {
        k->tell(k->arg, word, line, col, instead ? cmd->help : "Weir has no such command; `help` lists those it has");
        k->found++;
    }
    return 0;
}

unsigned boot_script_check(const struct script *s, boot_script_tell *tell, void *arg)
{
    struct check k = {tell, arg, 0};
    script_each_command(s, look_up, &k);
    return k.found;
}

struct telling {
    struct out *err;
    const char *name;
};

static void tell_line(void *arg, const char *word, unsigned line, unsigned col, const char *why)
{
    struct telling *t = arg;
    out_text(t->err, "%s: line %u, column %u: %s: %s\n", t->name, line, col, word, why);
}

static int run(struct net *net, const struct script *s, const char *name, struct out *out, struct out *err, void *shell,
               u8 depth)
{
    struct script_env env;
    script_env_init(&env, net, out, err, NULL);
    env.name = name;
    env.shell = shell;
    env.depth = depth;
    int status = script_run(s, &env);
    int failures = (int)min(env.failures, 100000u);
    script_env_free(&env);
    return failures || !status ? failures : 1; /* `exit 3` at its end is a failure too */
}

int boot_script_run(struct net *net, const char *path, struct out *out, struct out *err, void *shell, u8 depth)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct script_err bad;
    char *text;
    size_t n;
    int result = file_load(net, path, SCRIPT_BYTES, &text, &n);
    if (result == -ENOENT)
        return result;
    if (result) {
        out_text(err, "%s: %s\n", name, errno_text(result));
        return -EINVAL;
    }
    struct script *s = script_parse(text, n, &bad);
    struct telling t = {err, name};
    unsigned unknown = s ? boot_script_check(s, tell_line, &t) : 0;
    if (!s)
        out_text(err, "%s: line %u, column %u: %s\n", name, bad.line, bad.col, bad.msg);
    result = s && !unknown ? run(net, s, name, out, err, shell, depth) : -EINVAL;
    script_free(s);
    mem_free(text);
    return result;
}
