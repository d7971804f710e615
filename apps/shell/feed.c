/* How text tools get their text.
 *
 * Files push already (file_read writes into a struct out, views being made as they are read), so what is piped in is
 * pushed too, and a tool has one way to be written. Lines are gathered in one buffer that grows up to FEED_LINE_MAX.
 */
#include "apps/shell/feed.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/io.h"
#include "lib/plat.h"
#include "lib/string.h"

struct feed {
    struct out out; /* first: files are read into it */
    struct cmd_ctx *c;
    feed_chunk_fn *fn;
    void *arg;
    int result;
};

static int push(struct feed *f, const char *p, size_t n)
{
    if (!f->result && task_interrupted())
        f->result = -EINTR;
    if (!f->result)
        f->result = f->fn(f->arg, p, n);
    if (!f->result && out_failed(f->c->out))
        f->result = -EPIPE;
    return f->result;
}

static int take_from_file(struct out *o, const char *p, size_t n)
{
    return push(container_of(o, struct feed, out), p, n) ? -EPIPE : 0;
}

static void read_input(struct feed *f)
{
    char chunk[512];
    ssize n = 0;
    while (!f->result && (n = io_read(f->c->in, chunk, sizeof(chunk))) > 0)
        push(f, chunk, (size_t)n);
    if (!f->result && n < 0)
        f->result = (int)n;
}

int feed_chunks(struct cmd_ctx *c, const char *path, feed_chunk_fn *fn, void *arg)
{
    struct feed f = {.c = c, .fn = fn, .arg = arg};
    if (!path || str_eq(path, "-")) {
        read_input(&f);
    } else {
        out_init(&f.out, take_from_file, NULL, false);
        int err = file_read(c->net, path, &f.out);
        if (!f.result)
            f.result = err;
    }
    return f.result == FEED_ENOUGH ? 0 : f.result;
}

/* ---- lines ---- */

struct gather {
    feed_line_fn *fn;
    void *arg;
    char *buf;
    size_t n, room;
    bool enough;
};

static int keep(struct gather *g, const char *p, size_t n)
{
    if (g->n + n + 1 > g->room) {
        size_t room = max(g->room * 2, (size_t)256);
        while (room < g->n + n + 1)
            room *= 2;
        if (g->n + n > FEED_LINE_MAX)
            return -E2BIG;
        char *more = mem_alloc(room);
        if (!more)
            return -ENOMEM;
        if (g->n)
            memcpy(more, g->buf, g->n);
        mem_free(g->buf);
        g->buf = more;
        g->room = room;
    }
    memcpy(g->buf + g->n, p, n);
    g->n += n;
    return 0;
}

static int give_line(struct gather *g, bool ended)
{
    struct line l = {g->buf, g->n, ended};
    g->buf[g->n] = 0;
    g->n = 0;
    int result = g->fn(g->arg, &l);
    g->enough = result == FEED_ENOUGH;
    return result;
}

static int cut_lines(void *arg, const char *p, size_t n)
{
    struct gather *g = arg;
    while (n) {
        const char *newline = memchr(p, '\n', n);
        size_t part = newline ? (size_t)(newline - p) : n;
        int err = keep(g, p, part);
        if (!err && newline)
            err = give_line(g, true);
        if (err)
            return err;
        part += newline != NULL;
        p += part;
        n -= part;
    }
    return 0;
}

int feed_lines(struct cmd_ctx *c, const char *path, feed_line_fn *fn, void *arg)
{
    struct gather g = {.fn = fn, .arg = arg};
    int err = feed_chunks(c, path, cut_lines, &g);
    if (!err && g.n && !g.enough)
        err = give_line(&g, false);
    mem_free(g.buf);
    return err == FEED_ENOUGH ? 0 : err;
}

int feed_error(struct cmd_ctx *c, const char *path, int err)
{
    if (!err)
        return 0;
    if (err == -EINTR)
        return 130;
    if (err == -EPIPE)
        return 141; /* what sh says of a command that was stopped by a pipe without a reader */
    if (err == -E2BIG)
        return cmd_error(c, "%s: a line is longer than 1 MiB", path ? path : "(standard input)");
    if (path)
        return cmd_error(c, "%s: %s", path, errno_text(err));
    return cmd_error(c, "%s", errno_text(err));
}

int feed_all_lines(struct cmd_ctx *c, int at, feed_line_fn *fn, void *arg)
{
    int status = 0;
    if (at >= c->argc)
        return feed_error(c, NULL, feed_lines(c, NULL, fn, arg));
    for (; at < c->argc && status < 128; at++)
        status = max(status, feed_error(c, c->argv[at], feed_lines(c, c->argv[at], fn, arg)));
    return status;
}
