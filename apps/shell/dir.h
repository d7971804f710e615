/* The names in a directory, kept: so that a command can go down into them after the directory has been left.
 *
 *     struct dir d;
 *     int err = dir_read(&d, net, path);
 *     for (const struct dir_entry *e = dir_next(&d, NULL); e; e = dir_next(&d, e)) ... e->name, e->st
 *     dir_free(&d);
 */
#ifndef APPS_SHELL_DIR_H
#define APPS_SHELL_DIR_H

#include "lib/base.h"
#include "lib/file.h"

#define DIR_BYTES_MAX (256 * 1024) /* a directory that needs more is cut, and dir_read says -E2BIG */

struct dir_entry {
    struct file_stat st;
    u32 size; /* of this entry, with its name and padding */
    char name[];
};

struct dir {
    char *p;
    size_t n, room;
    u32 count;
    int err;
};

int dir_read(struct dir *d, struct net *net, const char *path); /* 0 or -errno; dir_free in any case */
const struct dir_entry *dir_next(const struct dir *d, const struct dir_entry *e);
void dir_free(struct dir *d);
/* "DIR/NAME" without a doubled slash; the length that it would need. */
size_t dir_join(char *to, size_t size, const char *dir, const char *name);

#endif
