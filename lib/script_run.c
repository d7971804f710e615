/* Runs scripts: lists, && and ||, loops, simple commands, statuses, set -e.
 *
 * Who has failed: a simple command whose status is not 0 and is tested by no && || or !. It is counted, told to
 * env->failed, and under set -e ends the run (POSIX 2.8.1 and `set -e`). A run stops early by env->exiting: by exit,
 * by set -e, by an error of an expansion or a builtin, and by Ctrl-C, which is looked for between commands.
 */
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script_builtin.h"
#include "lib/script_exec.h"
#include "lib/script_vars.h"
#include "lib/string.h"

#define STATUS_INTERRUPTED 130 /* 128 + SIGINT, as sh has it */
#define STATUS_PIPE        141 /* 128 + SIGPIPE */

void script_stop(struct script_env *env, int status)
{
    env->exiting = true;
    env->status = status;
}

void script_say(struct script_env *env, const struct streams *io, unsigned line, const char *f, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, f);
    fmt_v(text, sizeof(text), f, ap);
    va_end(ap);
    if (env->name && line)
        out_text(io->err, "%s: line %u: %s\n", env->name, line, text);
    else
        out_text(io->err, "%s: %s\n", env->name ? env->name : "weir", text);
}

static bool must_stop(struct script_env *env, const struct streams *io)
{
    if (!env->exiting && task_interrupted()) {
        env->interrupted = true;
        script_stop(env, STATUS_INTERRUPTED);
    }
    if (!env->exiting && io->piped && out_failed(io->out))
        script_stop(env, STATUS_PIPE);
    return env->exiting || env->leave;
}

/* The command as one line, cut to what a message can show. */
static void join_words(char *to, size_t size, char **v)
{
    to[0] = '\0';
    for (int i = 0; v[i]; i++) {
        str_append(to, size, i ? " " : "");
        if (str_append(to, size, v[i]) >= size) {
            str_copy(to + size - 4, 4, "...");
            return;
        }
    }
}

static NOINLINE void note_failure(struct script_env *env, const struct stage *st, char **v, unsigned flags)
{
    char text[100];

    if (!env->status || env->interrupted || flags & RUN_TESTED)
        return;
    if (!(flags & RUN_QUIET)) {
        env->failures++;
        join_words(text, sizeof(text), v);
        if (env->failed)
            env->failed(env, st->line, text, env->status);
    }
    if (env->errexit && !env->exiting) {
        env->exited = true;
        script_stop(env, env->status);
    }
}

static int run_assigns(struct script_env *env, const struct stage *st, const struct streams *io, int status)
{
    for (const struct assign *a = st->assigns; a; a = a->next) {
        char *value = script_expand_one(env, a->value, io, false, &status, NULL);
        int err = value ? script_set(env, a->name, value) : 0;
        if (env->xtrace && value)
            out_text(io->err, "+ %s=%s\n", a->name, value);
        mem_free(value);
        if (err)
            script_say(env, io, st->line, "%s: no memory", a->name);
        if (!value || err)
            return 2;
    }
    return status;
}

static NOINLINE void trace_words(const struct fields *f, const struct streams *io)
{
    char text[256];

    join_words(text, sizeof(text), f->v);
    out_text(io->err, "+ %s\n", text);
}

static int run_words(struct script_env *env, const struct stage *st, const struct fields *f, const struct streams *io,
                     const struct script_builtin *builtin)
{
    size_t size = (size_t)(f->n + 1) * sizeof(char *);
    char **argv = mem_alloc(size); /* the command's own, to shift and to cut as it likes */
    struct cmd_ctx c = {.net = env->net,
                        .out = io->out,
                        .err = io->err,
                        .in = io->in,
                        .argc = f->n,
                        .argv = argv,
                        .shell = env->shell,
                        .depth = env->depth};

    if (!argv) {
        script_say(env, io, st->line, "%s: no memory", f->v[0]);
        return 2;
    }
    memcpy(argv, f->v, size);
    if (env->xtrace)
        trace_words(f, io);
    int status = builtin ? builtin->run(env, &c) : env->run(&c);
    mem_free(argv);
    return status;
}

static void run_simple(struct script_env *env, const struct stage *st, const struct streams *io, unsigned flags)
{
    struct redirected *files = NULL;
    struct streams to;
    struct fields f;
    int status = 2;

    if (script_expand(env, st->words, io, &f) == 0) {
        const struct script_builtin *builtin = f.n ? script_builtin_find(f.v[0]) : NULL;
        if (script_redir_open(env, st, io, &to, &files)) {
            if (builtin && builtin->special)
                script_stop(env, 2);
        } else {
            status = f.n ? run_words(env, st, &f, &to, builtin) : run_assigns(env, st, &to, f.subst_status);
        }
        int closed = script_redir_close(env, st, io, files);
        env->status = status ? status & 255 : closed;
    }
    char *none[] = {st->assigns ? (char *)st->assigns->name : ">", NULL};
    note_failure(env, st, f.n ? f.v : none, flags);
    script_fields_free(&f);
}

static void run_rounds(struct script_env *env, const struct stage *st, const struct streams *io, unsigned flags,
                       const struct fields *f)
{
    int status = 0;

    env->loops++;
    for (int i = 0; i < f->n && !must_stop(env, io); i++) {
        if (script_set(env, st->loop, f->v[i])) {
            script_say(env, io, st->line, "%s: no memory", st->loop);
            script_stop(env, 2);
            break;
        }
        status = script_run_seq(env, st->body, io, flags);
        if (env->leave && (--env->leave || !env->leave_again))
            break;
    }
    env->loops--;
    if (!env->exiting)
        env->status = status;
}

/* The redirections are those of the whole loop: its words are expanded with them in place (POSIX 2.9.4). */
static void run_loop(struct script_env *env, const struct stage *st, const struct streams *io, unsigned flags)
{
    struct redirected *files = NULL;
    char *name[] = {"for", NULL};
    struct streams to;
    struct fields f;

    if (script_redir_open(env, st, io, &to, &files)) {
        env->status = 2;
        note_failure(env, st, name, flags);
    } else {
        if (script_expand(env, st->words, &to, &f) == 0)
            run_rounds(env, st, &to, flags, &f);
        script_fields_free(&f);
    }
    if (script_redir_close(env, st, io, files) && !env->status) {
        env->status = 1;
        note_failure(env, st, name, flags);
    }
}

int script_run_stage(struct script_env *env, const struct stage *st, const struct streams *io, unsigned flags)
{
    if (st->loop)
        run_loop(env, st, io, flags);
    else
        run_simple(env, st, io, flags);
    return env->status;
}

static void run_pipeline(struct script_env *env, const struct link *l, const struct streams *io, unsigned flags)
{
    if (l->negate)
        flags |= RUN_TESTED;
    if (l->stages->next) {
        script_run_pipe(env, l->stages, io, flags);
        if (env->errexit && env->status && !(flags & RUN_TESTED) && !env->exiting) {
            env->exited = true;
            script_stop(env, env->status);
        }
    } else {
        script_run_stage(env, l->stages, io, flags);
    }
    if (l->negate && !env->exiting)
        env->status = !env->status;
}

static void run_links(struct script_env *env, const struct link *first, const struct streams *io, unsigned flags)
{
    for (const struct link *l = first; l && !must_stop(env, io); l = l->next) {
        bool skipped = l != first && l->if_failed == (env->status == 0);
        if (!skipped)
            run_pipeline(env, l, io, l->next ? flags | RUN_TESTED : flags);
    }
}

int script_run_seq(struct script_env *env, const struct seq *s, const struct streams *io, unsigned flags)
{
    for (; !must_stop(env, io) && s; s = s->next) /* a Ctrl-C in the last command is noticed too */
        run_links(env, s->links, io, flags);
    return env->status;
}

static void tell_failure(struct script_env *env, unsigned line, const char *cmd, int status)
{
    if (env->name)
        out_text(env->err, "%s: line %u: \"%s\" failed (status %d)\n", env->name, line, cmd, status);
}

void script_env_init(struct script_env *env, struct net *net, struct out *out, struct out *err, struct cmd_io *in)
{
    *env = (struct script_env){.net = net,
                               .out = out,
                               .err = err,
                               .in = in,
                               .vars = script_vars_new(NULL),
                               .run = cmd_run,
                               .failed = tell_failure};
}

void script_env_within(struct script_env *env, const struct cmd_ctx *c)
{
    script_env_init(env, c->net, c->out, c->err, c->in);
    env->shell = c->shell;
    env->depth = (u8)(c->depth + 1);
}

void script_env_free(struct script_env *env)
{
    script_vars_free(env->vars);
    env->vars = NULL;
}

int script_run(const struct script *s, struct script_env *env)
{
    struct streams io = {env->in, env->out, env->err, false};

    env->exiting = env->exited = env->interrupted = false;
    env->loops = env->leave = 0;
    if (!env->vars)
        env->vars = script_vars_new(NULL);
    if (!env->vars || env->depth >= SCRIPT_DEPTH) {
        script_say(env, &io, 0, "%s", env->vars ? "too many scripts within each other" : "no memory");
        return env->status = 2;
    }
    return script_run_seq(env, s->body, &io, 0);
}

int script_text(struct script_env *env, const char *text, size_t len)
{
    struct script_err err;
    struct script *s = script_parse(text, len, &err);

    if (!s) {
        out_text(env->err, "%s:%u:%u: %s\n", env->name ? env->name : "weir", err.line, err.col, err.msg);
        return env->status = 2;
    }
    int status = script_run(s, env);
    script_free(s);
    return status;
}
