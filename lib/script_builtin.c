/* The commands that are part of the language itself, with the meanings of POSIX 2.14.
 *
 * What they are given wrongly ends the script with status 2, as special builtins do in sh. `export` sets the variable
 * and no more: commands here have no environment that it could go into.
 */
#include "lib/script_builtin.h"

#include "lib/parse.h"
#include "lib/script.h"
#include "lib/script_vars.h"
#include "lib/string.h"

static int refuse(struct script_env *env, struct cmd_ctx *c, const char *word, const char *why)
{
    out_text(c->err, "%s: %s: %s\n", c->argv[0], word, why);
    env->exiting = true;
    return 2;
}

static int run_true(struct script_env *env, struct cmd_ctx *c)
{
    return 0;
}

static int run_false(struct script_env *env, struct cmd_ctx *c)
{
    return 1;
}

static int run_exit(struct script_env *env, struct cmd_ctx *c)
{
    u64 status = (u64)env->status;

    if (c->argc > 1 && parse_u64(c->argv[1], 0, INT_MAX, &status, NULL))
        return refuse(env, c, c->argv[1], "Illegal number");
    env->exiting = env->exited = true;
    return (int)(status & 255);
}

static int leave(struct script_env *env, struct cmd_ctx *c, bool again)
{
    u64 n = 1;

    if (c->argc > 1 && parse_u64(c->argv[1], 1, INT_MAX, &n, NULL))
        return refuse(env, c, c->argv[1], "Illegal number");
    env->leave = (u8)min(n, (u64)env->loops); /* outside of any loop: nothing */
    env->leave_again = again && env->leave;
    return 0;
}

static int run_break(struct script_env *env, struct cmd_ctx *c)
{
    return leave(env, c, false);
}

static int run_continue(struct script_env *env, struct cmd_ctx *c)
{
    return leave(env, c, true);
}

static bool *flag_of(struct script_env *env, char c)
{
    return c == 'e'   ? &env->errexit
           : c == 'f' ? &env->noglob
           : c == 'u' ? &env->nounset
           : c == 'x' ? &env->xtrace
                      : NULL;
}

static void show_var(void *arg, const char *name, const char *value)
{
    struct out *o = arg;

    out_text(o, "%s='", name);
    for (size_t n; *value; value += n) { /* a ' is written '"'"', as dash does it */
        n = strcspn(value, "'");
        out_raw(o, value, n);
        if (value[n]) {
            out_text(o, "'\"'\"'");
            n++;
        }
    }
    out_text(o, "'\n");
}

static int run_set(struct script_env *env, struct cmd_ctx *c)
{
    if (c->argc == 1)
        script_each_var(env, show_var, c->out);
    for (int i = 1; i < c->argc; i++) {
        const char *w = c->argv[i];
        if ((*w != '-' && *w != '+') || !w[1])
            return refuse(env, c, w, "a script has no arguments to set");
        for (const char *p = w + 1; *p; p++) {
            bool *flag = flag_of(env, *p);
            if (!flag)
                return refuse(env, c, w, "Illegal option");
            *flag = *w == '-';
        }
    }
    return 0;
}

static int run_export(struct script_env *env, struct cmd_ctx *c)
{
    for (int i = 1; i < c->argc; i++) {
        char *eq = strchr(c->argv[i], '=');
        if (eq)
            *eq = '\0';
        if (!script_name_ok(c->argv[i]))
            return refuse(env, c, c->argv[i], "bad variable name");
        int err = eq ? script_set(env, c->argv[i], eq + 1) : 0;
        if (err)
            return refuse(env, c, c->argv[i], "no memory");
    }
    return 0;
}

static int run_unset(struct script_env *env, struct cmd_ctx *c)
{
    for (int i = 1; i < c->argc; i++) {
        if (i == 1 && str_eq(c->argv[i], "-v"))
            continue;
        if (!script_name_ok(c->argv[i]))
            return refuse(env, c, c->argv[i], "bad variable name");
        script_vars_unset(env->vars, c->argv[i]);
    }
    return 0;
}

const struct script_builtin *script_builtin_find(const char *name)
{
    static const struct script_builtin table[] = {
        {":", true, run_true},        {"true", false, run_true},        {"false", false, run_false},
        {"set", true, run_set},       {"exit", true, run_exit},         {"break", true, run_break},
        {"export", true, run_export}, {"continue", true, run_continue}, {"unset", true, run_unset},
    };

    for (unsigned i = 0; i < ARRAY_LEN(table); i++)
        if (str_eq(name, table[i].name))
            return &table[i];
    return NULL;
}
