/* Archives of the "newc" kind (cpio -H newc), as boot loaders hand them over: read in place, nothing copied.
 *
 *     070701 ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check    8 hex digits
 * each name, NUL, padding to 4;  data, padding to 4;  ... ;  an entry named TRAILER!!! ends it
 *
 * Several archives may follow each other, with zeros between them, as for an initramfs.
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include "lib/base.h"

struct cpio_entry {
    const char *name; /* NUL-terminated, inside of the archive, as it stands there */
    const void *data;
    u32 len;
    u32 mode;  /* as in stat(2): type in 0170000 */
    u32 mtime; /* seconds since 1970 */
};
#define CPIO_TYPE 0170000
#define CPIO_DIR  0040000
#define CPIO_FILE 0100000

bool cpio_is(const void *p, size_t n); /* does it begin as such an archive does */

/* Calls fn for each entry but trailers; stops when it returns non-zero. 0, fn's result, or -EINVAL with the reason and
 * the offset in err. */
int cpio_each(const void *p, size_t n, int (*fn)(void *arg, const struct cpio_entry *e), void *arg, char *err,
              size_t err_size);

#endif
