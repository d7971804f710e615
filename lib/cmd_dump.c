/* dump: the whole configuration as the commands that make it (contract 9).
 *
 *     dump > /tmp/now.conf       save; run on a fresh instance it gives the same instance
 *
 * Every command file prints its own part, and every writable view of /proc; this one only asks them in turn.
 */
#include "lib/cmd.h"
#include "lib/file.h"

static int run_dump(struct cmd_ctx *c)
{
    if (c->argc > 1)
        return cmd_usage(c, "\"%s\": there is nothing to say behind it", c->argv[1]);
    cmd_dump(c);
    file_dump(c->out);
    return 0;
}

CMD(dump, .name = "dump", .help = "print the configuration as commands", .usage = "", .run = run_dump);
