/* Redirections: files behind a command's streams for as long as it runs.
 *
 * Input is read when the file is opened: a view is a picture of that moment anyway. A plain file is written to as the
 * command prints; a view such as /proc/sys/... takes what it is given as one piece when the command has ended, as the
 * one write(2) of an echo does on Linux, and what the view says to it is told as echo's write error.
 */
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script_exec.h"
#include "lib/script_gather.h"
#include "lib/string.h"

#define INPUT_MAX (16 * MIB)

struct redirected {
    struct redirected *next;
    char *path; /* of an output */
    char *text; /* of an input */
    struct io_mem in;
    struct out to_file;    /* a plain file, */
    struct gather to_view; /* or a view */
    struct net *net;
    bool view;
    int err; /* of the writing */
};

static int write_file(struct out *o, const char *p, size_t n)
{
    struct redirected *r = container_of(o, struct redirected, to_file);
    int err = file_write(r->net, r->path, p, n, true);

    if (err)
        r->err = err;
    return err;
}

/* /dev/stdout and /dev/stderr are the streams that are there already. */
static struct out *known_stream(const char *path, const struct streams *to)
{
    if (str_eq(path, "/dev/stdout"))
        return to->out;
    return str_eq(path, "/dev/stderr") ? to->err : NULL;
}

static int open_output(const struct redir *rd, struct redirected *r, struct out **stream)
{
    struct file_stat st;
    int err = file_stat(r->net, r->path, &st);

    if (str_eq(r->path, "/dev/null")) {
        out_null_init(&r->to_file);
        *stream = &r->to_file;
        return 0;
    }
    if (!err && st.dir)
        return -EISDIR;
    if (!err && !st.writable)
        return -EACCES;
    r->view = !err && st.view;
    if (r->view) {
        gather_init(&r->to_view, SCRIPT_STORE_MAX);
        *stream = &r->to_view.out;
        return 0;
    }
    err = file_write(r->net, r->path, "", 0, rd->kind == REDIR_APPEND);
    if (err)
        return err;
    out_init(&r->to_file, write_file, NULL, false);
    *stream = &r->to_file;
    return 0;
}

static int open_input(const struct redir *rd, struct redirected *r, const char *path)
{
    size_t n;
    int err = file_load(r->net, path, INPUT_MAX, &r->text, &n);

    if (!err)
        io_mem_init(&r->in, r->text, n);
    return err;
}

/* One redirection; the streams in `to` change. */
static int open_one(struct script_env *env, const struct stage *st, const struct redir *rd, const struct streams *io,
                    struct streams *to, struct redirected *r)
{
    struct out **stream = rd->fd == 2 ? &to->err : &to->out;
    size_t len;
    int err = 0;

    if (rd->kind == REDIR_DUP) {
        *stream = rd->from == 2 ? to->err : to->out;
        return 0;
    }
    char *word = script_expand_one(env, rd->word, io, rd->kind == REDIR_HERE, NULL, &len);
    if (!word)
        return -EINVAL;
    if (rd->kind == REDIR_HERE) {
        r->text = word;
        io_mem_init(&r->in, word, len);
        to->in = &r->in.io;
        return 0;
    }
    r->path = word;
    r->net = env->net;
    if (rd->kind == REDIR_IN) {
        err = open_input(rd, r, word);
        if (!err)
            to->in = &r->in.io;
    } else if (known_stream(word, to)) {
        *stream = known_stream(word, to);
    } else {
        err = open_output(rd, r, stream);
        if (!err && rd->fd == 1)
            to->piped = false;
    }
    if (err)
        script_say(env, to, st->line, "cannot %s %s: %s", rd->kind == REDIR_IN ? "open" : "create", word,
                   errno_text(err));
    return err;
}

int script_redir_open(struct script_env *env, const struct stage *st, const struct streams *io, struct streams *to,
                      struct redirected **all)
{
    struct redirected **tail = all;

    *to = *io;
    *all = NULL;
    for (const struct redir *rd = st->redirs; rd; rd = rd->next) {
        struct redirected *r = mem_zalloc(sizeof(*r));
        if (!r) {
            script_say(env, io, st->line, "%s", errno_text(-ENOMEM));
            return -ENOMEM;
        }
        *tail = r;
        tail = &r->next;
        int err = open_one(env, st, rd, io, to, r);
        if (err)
            return err;
    }
    return 0;
}

static void store_view(struct redirected *r)
{
    char *text = r->to_view.err ? NULL : gather_text(&r->to_view);

    r->err = r->to_view.err ? r->to_view.err : text ? 0 : -ENOMEM;
    if (!r->err)
        r->err = file_write(r->net, r->path, text, r->to_view.n, false);
    mem_free(text);
    gather_free(&r->to_view);
}

int script_redir_close(struct script_env *env, const struct stage *st, const struct streams *io, struct redirected *all)
{
    int status = 0;

    while (all) {
        struct redirected *r = all;
        all = r->next;
        if (r->view)
            store_view(r);
        if (r->err) {
            script_say(env, io, st->line, "%s: write error: %s", r->path, errno_text(r->err));
            status = 1;
        }
        mem_free(r->text);
        mem_free(r->path);
        mem_free(r);
    }
    return status;
}
