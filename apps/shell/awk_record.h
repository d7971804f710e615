/* The record and its fields: $0, $1 .. $NF.
 *
 * A record is split when a field or NF is first asked for; it is put together again when $0 is asked for after a field
 * was changed. Fields point into the record's text or own what was assigned to them.
 */
#ifndef APPS_SHELL_AWK_RECORD_H
#define APPS_SHELL_AWK_RECORD_H

#include "apps/shell/awk_value.h"
#include "lib/regex.h"

#define AWK_FIELDS 1024 /* of one record: more is an error */

struct awk_field {
    const char *p;
    u32 n;
    char *own;
};

struct awk_record {
    struct awk_memory *memory;
    char *text; /* of $0 */
    u32 n, room;
    struct awk_field field[AWK_FIELDS + 1]; /* field[0] is not used */
    u32 fields;
    bool split, joined; /* the fields are those of the text; the text is that of the fields */
};

/* How text is cut: by blanks, by one byte, or by a pattern. */
struct awk_cutter {
    enum { AWK_CUT_BLANKS, AWK_CUT_BYTE, AWK_CUT_REGEX, AWK_CUT_EACH } how;
    u8 byte;
    struct regex *regex;
};

/* Calls fn for each part; what it returns unequal 0 ends the walk and is returned. */
int awk_cut_text(const struct awk_cutter *cut, const char *p, u32 n, int (*fn)(void *arg, const char *p, u32 n),
                 void *arg);

/* All: 0 or -errno (-ENOMEM, -E2BIG: too many fields). */
int awk_record_set(struct awk_record *r, const char *p, u32 n, bool anew); /* anew: values may point to the old text */
int awk_record_split(struct awk_record *r, const struct awk_cutter *cut);
int awk_record_join(struct awk_record *r, const char *ofs, u32 n);
int awk_record_set_field(struct awk_record *r, u32 i, const char *p, u32 n); /* after awk_record_split */
int awk_record_set_count(struct awk_record *r, u32 fields);
void awk_record_free(struct awk_record *r);

#endif
