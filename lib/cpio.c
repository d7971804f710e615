/* Archives of the "newc" kind: one bounds-checked walk.
 *
 * Every length is a stranger's: each is compared with what is left before it is used, and the walk moves forward by at
 * least a header each time, so it ends. It never writes into the archive and never follows a name anywhere.
 */
#include "lib/cpio.h"

#include "lib/fmt.h"
#include "lib/string.h"

#define HEADER  110u
#define TRAILER "TRAILER!!!"

enum field { F_INO, F_MODE, F_UID, F_GID, F_NLINK, F_MTIME, F_FILESIZE, F_NAMESIZE = 11 };

bool cpio_is(const void *p, size_t n)
{
    return n >= 6 && (memcmp(p, "070701", 6) == 0 || memcmp(p, "070702", 6) == 0);
}

static bool read_field(const char *header, enum field f, u32 *v)
{
    const char *p = header + 6 + 8 * f;

    *v = 0;
    for (int i = 0; i < 8; i++) {
        char c = char_lower(p[i]);
        if (!char_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return false;
        *v = *v << 4 | (u32)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* Reads the entry at offset `at`; returns the offset behind it, or 0 with the reason. */
static size_t read_entry(const char *p, size_t n, size_t at, struct cpio_entry *e, const char **why)
{
    u32 name_size;
    const char *h = p + at;
    size_t left = n - at;

    if (left < HEADER || !cpio_is(h, left)) {
        *why = left < HEADER ? "a header is cut off" : "no header where one should be";
        return 0;
    }
    if (!read_field(h, F_MODE, &e->mode) || !read_field(h, F_MTIME, &e->mtime) || !read_field(h, F_FILESIZE, &e->len) ||
        !read_field(h, F_NAMESIZE, &name_size)) {
        *why = "a field is not hexadecimal";
        return 0;
    }
    if (!name_size || name_size > left - HEADER || memchr(h + HEADER, '\0', name_size) != h + HEADER + name_size - 1) {
        *why = "a name is cut off";
        return 0;
    }
    size_t data = round_up(HEADER + name_size, 4); /* counted from the header, which is itself aligned */
    if (data > left || e->len > left - data) {
        *why = "a file is cut off";
        return 0;
    }
    e->name = h + HEADER;
    e->data = h + data;
    return at + min(round_up(data + e->len, 4), left);
}

static size_t skip_zeros(const char *p, size_t n, size_t at)
{
    while (at < n && !p[at])
        at++;
    return at;
}

int cpio_each(const void *archive, size_t n, int (*fn)(void *arg, const struct cpio_entry *e), void *arg, char *err,
              size_t err_size)
{
    const char *p = archive, *why = "";
    bool open = false; /* inside an archive: its trailer is still to come */
    size_t at = 0;

    while (at < n) {
        struct cpio_entry e;
        size_t next = read_entry(p, n, at, &e, &why);
        if (!next) {
            fmt(err, err_size, "cpio: %s, at byte %zu", why, at);
            return -EINVAL;
        }
        at = next;
        open = !str_eq(e.name, TRAILER);
        if (!open) {
            at = skip_zeros(p, n, at);
            continue;
        }
        int r = fn(arg, &e);
        if (r)
            return r;
    }
    if (open)
        fmt(err, err_size, "cpio: no trailer: the archive was cut off");
    return open ? -EINVAL : 0;
}
