/* What runs apart from the script: $( ) and the stages of pipes work on a copy of the variables (POSIX 2.12).
 *
 * A break, an exit or a set -e inside of it ends that run alone; what it counted as failed counts for the script.
 */
#include "lib/errno.h"
#include "lib/plat.h"
#include "lib/script_exec.h"
#include "lib/script_gather.h"
#include "lib/script_vars.h"
#include "lib/string.h"

struct script_env *script_sub_new(const struct script_env *env)
{
    struct script_env *sub = mem_alloc(sizeof(*sub));

    if (!sub)
        return NULL;
    *sub = *env;
    sub->failures = 0;
    sub->vars = script_vars_new(env->vars);
    if (!sub->vars) {
        mem_free(sub);
        return NULL;
    }
    return sub;
}

void script_sub_free(struct script_env *sub, struct script_env *env)
{
    if (env)
        env->failures += sub->failures;
    if (env && sub->interrupted) {
        env->interrupted = true;
        script_stop(env, sub->status);
    }
    script_vars_free(sub->vars);
    mem_free(sub);
}

/* Takes NUL bytes out, as sh does, and the newlines at the end. */
static size_t tidy(char *text, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (text[i])
            text[kept++] = text[i];
    while (kept && text[kept - 1] == '\n')
        kept--;
    text[kept] = '\0';
    return kept;
}

char *script_subst(struct script_env *env, const struct seq *s, const struct streams *io, size_t *len, int *status)
{
    struct script_env *sub = script_sub_new(env);
    struct gather *g = sub ? mem_alloc(sizeof(*g)) : NULL;
    char *text = NULL;
    int err = -ENOMEM;

    if (g) {
        gather_init(g, SCRIPT_ARG_MAX);
        struct streams to = {io->in, &g->out, io->err, false};
        sub->status = s ? env->status : 0;
        *status = script_run_seq(sub, s, &to, 0);
        err = g->err;
        text = err ? NULL : gather_text(g);
        if (text)
            *len = tidy(text, g->n);
        else if (!err)
            err = -ENOMEM;
        gather_free(g);
        mem_free(g);
    }
    if (err)
        script_say(env, io, 0, "$( ): %s", err == -EFBIG ? "more than 1 MiB of output" : errno_text(err));
    if (sub)
        script_sub_free(sub, env);
    return text;
}
