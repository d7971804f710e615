/* How text tools get their text: every source pushes, in chunks or line by line.
 *
 *     static int count(void *arg, const struct line *l) { ...; return 0; }
 *     int err = feed_lines(c, path, count, &state);      path NULL or "-": what is piped in
 *     if (err)
 *         status = feed_error(c, path, err);
 *
 * A sink answers 0 for more, FEED_ENOUGH when it has seen enough, or -errno. When nobody reads what the tool prints, or
 * Ctrl-C was typed, the source is left at once. A line is bounded by FEED_LINE_MAX: a longer one ends in -E2BIG.
 */
#ifndef APPS_SHELL_FEED_H
#define APPS_SHELL_FEED_H

#include "lib/base.h"
#include "lib/cmd.h"

#define FEED_ENOUGH   1
#define FEED_LINE_MAX (1024 * 1024) /* bytes */

struct line {
    char *p; /* NUL-terminated, without the newline; the sink may write on it */
    size_t n;
    bool ended; /* by a newline: false for the last line of a text that lacks it */
};

typedef int feed_chunk_fn(void *arg, const char *p, size_t n);
typedef int feed_line_fn(void *arg, const struct line *l);

/* 0, or -errno: -EINTR, -EPIPE (nobody reads), -ENOENT, ... */
int feed_chunks(struct cmd_ctx *c, const char *path, feed_chunk_fn *fn, void *arg);
int feed_lines(struct cmd_ctx *c, const char *path, feed_line_fn *fn, void *arg);
/* Says what was wrong with `path`, where that is worth a word; the exit status that follows from it. */
int feed_error(struct cmd_ctx *c, const char *path, int err);
/* Each operand from argv[at] on, or what is piped in when there is none; the worst status of all. */
int feed_all_lines(struct cmd_ctx *c, int at, feed_line_fn *fn, void *arg);

#endif
