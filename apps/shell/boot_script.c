/* Running the configuration.
 *
 * A boot script that names what Weir does not have would come up as half a firewall. So the text is first read to its
 * end, and every command that it plainly names is looked up, before the first is run: each trouble is told with its
 * line and column, all of them in one go. A command that fails when run is told with its line, and the script goes on,
 * as in sh.
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
    struct out *err;
    const char *name;
    unsigned unknown;
};

static int look_up(void *arg, const char *word, unsigned line, unsigned col)
{
    struct check *k = arg;
    if (!cmd_known(word)) {
        out_text(k->err, "%s: line %u, column %u: %s: there is no such command\n", k->name, line, col, word);
        k->unknown++;
    }
    return 0;
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
    struct check k = {.err = err, .name = name};
    if (s)
        script_each_command(s, look_up, &k);
    else
        out_text(err, "%s: line %u, column %u: %s\n", name, bad.line, bad.col, bad.msg);
    result = s && !k.unknown ? run(net, s, name, out, err, shell, depth) : -EINVAL;
    script_free(s);
    mem_free(text);
    return result;
}
