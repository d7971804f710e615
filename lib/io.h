/* Where a command's input comes from: the console, a pipe, a file, a here-document.
 *
 * The counterpart of struct out. Who reads never knows what is behind `read`; who makes one (the script language for
 * pipes and here-documents, the shell for the console) embeds it and finds its own state by container_of or `arg`.
 *
 *     char buf[512];
 *     ssize n;
 *     while ((n = io_read(c->in, buf, sizeof(buf))) > 0)
 *         ...
 *
 * There is no close and no seek: the maker ends it when the command has returned.
 */
#ifndef LIB_IO_H
#define LIB_IO_H

#include "lib/base.h"

struct cmd_io {
    /* Task: waits for at least one byte. Bytes read; 0 at the end, and ever after; -EINTR after Ctrl-C; -errno. */
    ssize (*read)(struct cmd_io *io, void *p, size_t n);
    /* Task: one key as it is typed, no line is waited for: a byte 0..255; -EINTR, -ETIMEDOUT at until_ns. NULL: where
     * nobody types. */
    int (*key)(struct cmd_io *io, u64 until_ns);
    void *arg; /* the reader's own */
    bool tty;  /* a person types at the other end */
};

/* A command without input (io NULL) reads an end at once, as from /dev/null. */
static inline ssize io_read(struct cmd_io *io, void *p, size_t n)
{
    return io ? io->read(io, p, n) : 0;
}

/* Reads memory: here-documents and tests. The bytes must stay. */
struct io_mem {
    struct cmd_io io;
    const char *p;
    size_t n;
};

static inline ssize io_mem_read(struct cmd_io *io, void *p, size_t n)
{
    struct io_mem *m = (struct io_mem *)io;
    n = min(n, m->n);
    __builtin_memcpy(p, m->p, n);
    m->p += n;
    m->n -= n;
    return (ssize)n;
}

static inline void io_mem_init(struct io_mem *m, const char *p, size_t n)
{
    m->io = (struct cmd_io){.read = io_mem_read};
    m->p = p;
    m->n = n;
}

#endif
