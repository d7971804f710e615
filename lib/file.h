/* One tree of names: views under /proc, /proc/sys, /sys; boot files under /etc; RAM files under /tmp.
 *
 *     static int interrupts_show(struct file_req *r) { out_text(r->out, ...); return 0; }
 *     FILE_VIEW(interrupts, .path = "/proc/interrupts", .show = interrupts_show);
 *
 * A view is made afresh on each reading. A part of a path may be "*" ("/proc/irq/ * /smp_affinity" without the blanks):
 * the view's `list` then tells which names stand there, and r->star[] holds those of this request.
 * A view with `store` is writable, as Linux's is; others answer -EACCES.
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "lib/base.h"
#include "lib/out.h"
#include "lib/set.h"

struct net;

struct file_req {
    struct net *net;
    struct out *out;     /* show: where to */
    const char *data;    /* store: what was written, */
    size_t len;          /*        NUL-terminated behind len */
    const char *star[3]; /* what the '*' parts matched */
};

struct file_view {
    const char *path;
    int (*show)(struct file_req *r);  /* 0 or -errno */
    int (*store)(struct file_req *r); /* under conf_lock; NULL: read-only */
    /* What was stored, as the commands that store it again, "echo V > PATH" (contract 9); NULL: there is nothing. */
    void (*dump)(struct out *o);
    /* For '*' part number `depth`: calls offer for each name (r->star[0..depth-1] are given). */
    void (*list)(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg);
};

#define FILE_VIEW(id, ...)                                          \
    static const struct file_view file_##id##_view = {__VA_ARGS__}; \
    SET_ADD(file_view, file_##id##_view)

struct file_stat {
    bool dir, writable;
    bool view; /* made afresh on each reading; takes what is written as one piece */
    u64 size;  /* 0 for views, as in /proc */
    u64 mtime_ns;
};

typedef void file_offer(void *arg, const char *name, const struct file_stat *st);

/* A part of the tree that has its own way of finding names, entered by a set: /proc/sys (lib/sysctl), /etc, /tmp.
 * `name` is what follows "PATH/", "" for PATH itself. read, write and remove may be NULL: -EACCES. */
struct file_tree {
    const char *path; /* "/proc/sys" */
    int (*stat)(struct net *net, const char *name, struct file_stat *st);
    int (*read)(struct net *net, const char *name, struct out *to);
    int (*write)(struct net *net, const char *name, const char *p, size_t n, bool append);
    int (*remove)(struct net *net, const char *name);
    int (*list)(struct net *net, const char *name, file_offer *offer, void *arg); /* in any order, repeats allowed */
};
#define FILE_TREE(id, ...)                                          \
    static const struct file_tree file_##id##_tree = {__VA_ARGS__}; \
    SET_ADD(file_tree, file_##id##_tree)

/* Paths are absolute; "//", "." and ".." are understood, ".." by words alone. All are for tasks. */
#define FILE_PATH_MAX 256
int file_stat(struct net *net, const char *path, struct file_stat *st);
int file_read(struct net *net, const char *path, struct out *to);                        /* 0, -ENOENT, -EISDIR, ... */
int file_write(struct net *net, const char *path, const char *p, size_t n, bool append); /* n 0: creates, empties */
void file_dump(struct out *to);                                                          /* every view's dump */
int file_remove(struct net *net, const char *path);
/* Names in a directory, sorted, each once; `offer` gets name and stat. */
int file_list(struct net *net, const char *path, file_offer *offer, void *arg);
/* Paths that match `pattern` (as sh's: / is matched by itself alone, a leading dot too), sorted; returns how many. */
int file_glob(struct net *net, const char *pattern, void (*offer)(void *arg, const char *path), void *arg);

/* The content as one piece of memory, ending in a NUL that *n does not count: to be freed by mem_free. -EFBIG when it
 * has more than `max` bytes. */
int file_load(struct net *net, const char *path, size_t max, char **p, size_t *n);

/* Boot files: called at bring-up for the configuration (one plain file is /etc/weir.conf) or a cpio archive (newc).
 * Copies nothing: name and p must stay. Returns 0 or -errno, with the reason in err. */
int file_boot_add(const char *name, const void *p, size_t n, char *err, size_t err_size);
int file_boot_conf(const char *name); /* the boot file `name` ("x", "/etc/x") becomes /etc/weir.conf; or -ENOENT */

void file_boot_clear(void); /* forgets them all: for tests */

#define FILE_TMP_FILES 64 /* files under /tmp, of FILE_TMP_BYTES together: -ENOSPC beyond */
#define FILE_TMP_BYTES (4 * MIB)

#endif
