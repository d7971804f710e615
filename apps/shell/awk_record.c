/* The record and its fields.
 *
 * Cutting is one walk for records and for split(): by runs of blanks (a blank as separator), by one byte, by a
 * pattern, or into single bytes (an empty separator). The bound on fields makes a record of separators alone an error,
 * not a flood.
 */
#include "apps/shell/awk_record.h"
#include "lib/plat.h"
#include "lib/string.h"

int awk_cut_text(const struct awk_cutter *cut, const char *p, u32 n, int (*fn)(void *arg, const char *p, u32 n),
                 void *arg)
{
    u32 i = 0;
    int err = 0;
    if (cut->how == AWK_CUT_BLANKS) {
        while (!err) {
            while (i < n && char_is_space(p[i]))
                i++;
            u32 from = i;
            while (i < n && !char_is_space(p[i]))
                i++;
            if (i == from)
                break;
            err = fn(arg, p + from, i - from);
        }
        return err;
    }
    if (cut->how == AWK_CUT_EACH) {
        for (; i < n && !err; i++)
            err = fn(arg, p + i, 1);
        return err;
    }
    for (u32 from = 0; n && !err;) {
        size_t start = n, end = n;
        bool more;
        if (cut->how == AWK_CUT_BYTE) {
            const char *hit = memchr(p + i, cut->byte, n - i);
            more = hit != NULL;
            start = more ? (size_t)(hit - p) : n;
            end = start + more;
        } else {
            if (task_interrupted()) /* each search may go over all of a long text */
                return -EINTR;
            more = regex_find(cut->regex, p, n, i, &start, &end);
        }
        if (more && end == start) { /* an empty match parts nothing */
            i = (u32)end + 1;
            more = i <= n;
            if (more)
                continue;
        }
        err = fn(arg, p + from, (u32)(more ? start : n) - from);
        if (!more)
            break;
        from = i = (u32)end;
    }
    return err;
}

static void forget_fields(struct awk_record *r)
{
    for (u32 i = 1; i <= r->fields; i++) {
        awk_put(r->memory, r->field[i].own);
        r->field[i] = (struct awk_field){.p = ""};
    }
    r->fields = 0;
}

int awk_record_set(struct awk_record *r, const char *p, u32 n, bool anew)
{
    if (anew || n > r->room) {
        u32 room = max(n, 256u);
        char *more = awk_get(r->memory, room);
        if (!more)
            return -ENOMEM;
        awk_put(r->memory, r->text);
        r->text = more;
        r->room = room;
    }
    if (n)
        memcpy(r->text, p, n);
    r->n = n;
    forget_fields(r);
    r->split = false;
    r->joined = true;
    return 0;
}

static int add_field(void *arg, const char *p, u32 n)
{
    struct awk_record *r = arg;
    if (r->fields == AWK_FIELDS)
        return -E2BIG;
    r->field[++r->fields] = (struct awk_field){.p = p, .n = n};
    return 0;
}

int awk_record_split(struct awk_record *r, const struct awk_cutter *cut)
{
    if (r->split)
        return 0;
    r->split = true;
    return awk_cut_text(cut, r->text, r->n, add_field, r);
}

int awk_record_join(struct awk_record *r, const char *ofs, u32 n)
{
    if (r->joined)
        return 0;
    u64 total = 0;
    for (u32 i = 1; i <= r->fields; i++)
        total += r->field[i].n + (i > 1 ? n : 0);
    if (total > AWK_BYTES)
        return -ENOMEM;
    char *text = awk_get(r->memory, total), *to = text;
    if (!text)
        return -ENOMEM;
    for (u32 i = 1; i <= r->fields; i++) {
        struct awk_field *f = &r->field[i];
        if (i > 1 && n)
            memcpy(to, ofs, n);
        to += i > 1 ? n : 0;
        if (f->n)
            memcpy(to, f->p, f->n);
        awk_put(r->memory, f->own);
        *f = (struct awk_field){.p = to, .n = f->n};
        to += f->n;
    }
    awk_put(r->memory, r->text);
    r->text = text;
    r->n = r->room = (u32)total;
    r->joined = true;
    return 0;
}

int awk_record_set_count(struct awk_record *r, u32 fields)
{
    if (fields > AWK_FIELDS)
        return -E2BIG;
    for (u32 i = fields + 1; i <= r->fields; i++) {
        awk_put(r->memory, r->field[i].own);
        r->field[i] = (struct awk_field){.p = ""};
    }
    for (u32 i = r->fields + 1; i <= fields; i++)
        r->field[i] = (struct awk_field){.p = ""};
    r->fields = fields;
    r->joined = false;
    return 0;
}

int awk_record_set_field(struct awk_record *r, u32 i, const char *p, u32 n)
{
    if (i > AWK_FIELDS)
        return -E2BIG;
    char *own = awk_get(r->memory, n);
    if (!own)
        return -ENOMEM;
    if (n)
        memcpy(own, p, n);
    int err = i > r->fields ? awk_record_set_count(r, i) : 0;
    struct awk_field *f = &r->field[i];
    awk_put(r->memory, f->own);
    *f = (struct awk_field){.p = own, .n = n, .own = own};
    r->joined = false;
    return err;
}

void awk_record_free(struct awk_record *r)
{
    forget_fields(r);
    awk_put(r->memory, r->text);
    r->text = NULL;
    r->room = r->n = 0;
}
