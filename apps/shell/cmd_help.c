/* help, which and type: what commands there are.
 *
 *     help      help grep      help ip      which sysctl
 *
 * The list is made from the command table alone: a command that is linked in is listed, under its own group. Those of
 * the group "elsewhere" do not do what they do in Linux but say what does (cmd_instead.c): they are named in one line.
 */
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/string.h"

static const char *group_of(const struct cmd *cmd)
{
    return cmd->group ? cmd->group : "system";
}

/* The group that follows `last` in the order of names; NULL at the end. */
static const char *next_group(const char *last)
{
    const char *best = NULL;
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e)) {
        const char *g = group_of(e);
        if ((!last || strcmp(g, last) > 0) && (!best || strcmp(g, best) < 0))
            best = g;
    }
    return best;
}

static void show_json(struct out *o, const struct cmd *e)
{
    out_object(o, NULL);
    out_str(o, "name", NULL, e->name);
    out_str(o, "group", NULL, group_of(e));
    out_str(o, "help", NULL, e->help ? e->help : "");
    out_str(o, "usage", NULL, e->usage ? e->usage : "");
    out_end(o);
}

static void list_all(struct cmd_ctx *c)
{
    struct out *o = c->out;
    for (const char *g = next_group(NULL); g; g = next_group(g)) {
        if (str_eq(g, CMD_ELSEWHERE))
            continue;
        out_text(o, "%s\n", g);
        for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e))
            if (str_eq(group_of(e), g))
                out_text(o, "  %-12s  %s\n", e->name, e->help ? e->help : "");
    }
    out_text(o, "language\n  %-12s  %s\n", "sh", "NAME=value $NAME $( ) ; && || ! | > < <<EOF for/do/done, as in sh");
    out_text(o, "\nhelp COMMAND tells how to use one. These of Linux say what to use instead:\n ");
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e))
        if (str_eq(group_of(e), CMD_ELSEWHERE))
            out_text(o, " %s", e->name);
    out_text(o, "\n");
}

static bool begins_with_word(const struct cmd *e, const char *word)
{
    size_t n = strlen(word);
    return strncmp(e->name, word, n) == 0 && (!e->name[n] || e->name[n] == ' ');
}

static void show_one(struct out *o, const struct cmd *e)
{
    if (o->json)
        show_json(o, e);
    else
        out_text(o, "%s %s\n    %s\n", e->name, e->usage ? e->usage : "", e->help ? e->help : "");
}

static int cmd_help(struct cmd_ctx *c)
{
    struct option_reader o;
    int letter, words;
    bool found = false;
    for (option_start(&o, c, "j"); (letter = option_next(&o)) > 0;)
        c->out->json = true;
    if (o.bad)
        return option_refuse(&o);
    int argc = c->argc - o.at;
    char **argv = c->argv + o.at;
    if (!argc && !c->out->json) {
        list_all(c);
        return 0;
    }
    const struct cmd *exact = argc > 1 ? cmd_find(argc, argv, &words) : NULL;
    out_array(c->out, NULL);
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e)) {
        if (argc > 1 ? e != exact : argc && !begins_with_word(e, argv[0]))
            continue;
        found = true;
        show_one(c->out, e);
    }
    out_end(c->out);
    if (!found)
        return cmd_error(c, "there is no command \"%s\"; `help` alone lists them all", argv[0]);
    return 0;
}

/* ---- which, type ---- */

static bool is_builtin(const char *word)
{
    static const char *const names[] = {":",      "true",  "false", "set", "exit", "break", "continue",
                                        "export", "unset", "for",   "do",  "done", "in",    "!"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], word))
            return true;
    return false;
}

static int name_kinds(struct cmd_ctx *c, const char *builtin, const char *command)
{
    int status = 0;
    if (c->argc < 2)
        return cmd_usage(c, "which command?");
    for (int i = 1; i < c->argc; i++) {
        const char *w = c->argv[i];
        if (is_builtin(w))
            out_text(c->out, "%s%s\n", w, builtin);
        else if (cmd_known(w))
            out_text(c->out, "%s%s\n", w, command);
        else
            status = cmd_error(c, "%s: not found", w);
    }
    return status;
}

static int cmd_which(struct cmd_ctx *c)
{
    return name_kinds(c, ": a word of the shell", ": a command of Weir");
}

static int cmd_type(struct cmd_ctx *c)
{
    return name_kinds(c, " is a shell builtin", " is a command of Weir");
}

CMD(help, .name = "help", .group = "shell", .help = "what commands there are, and how to use one",
    .usage = "[-j] [COMMAND]", .run = cmd_help);
CMD(which, .name = "which", .group = "shell", .help = "is there such a command", .usage = "NAME...", .run = cmd_which);
CMD(type, .name = "type", .group = "shell", .help = "what a word means to the shell", .usage = "NAME...",
    .run = cmd_type);
