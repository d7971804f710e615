/* awk's values and where they live.
 *
 * A value on the way through an expression points to text that somebody else keeps: the program, a cell, the record, or
 * the statement's scratch memory, which is given back when the statement is done. A cell (a variable, an element) owns
 * its text. All of a program's memory together is bounded by AWK_BYTES.
 */
#ifndef APPS_SHELL_AWK_VALUE_H
#define APPS_SHELL_AWK_VALUE_H

#include "apps/shell/awk_number.h"
#include "lib/base.h"

#define AWK_BYTES (4 * MIB)

enum awk_kind {
    AWK_UNSET, /* "" and 0 */
    AWK_NUMBER,
    AWK_STRING,
    AWK_PATTERN, /* n: which regex of the program; only where a call wants a pattern */
    AWK_NUMERIC, /* text from outside that looks like a number: compared as one */
};

struct awk_value {
    enum awk_kind kind;
    u32 n;
    const char *p; /* AWK_STRING, AWK_NUMERIC */
    awk_number v;  /* AWK_NUMBER, AWK_NUMERIC */
};

struct awk_cell {
    struct awk_value value;
    char *own; /* what value.p points to, by awk_get */
};

struct awk_scratch;

struct awk_block;

struct awk_memory {
    size_t used; /* bytes, of AWK_BYTES */
    struct awk_scratch *scratch;
    struct awk_block *dead; /* put back in this statement: values on the way may still point there */
};

void *awk_get(struct awk_memory *m, size_t n); /* NULL: the bound, or no memory */
void awk_put(struct awk_memory *m, void *p);   /* at the end of the statement; NULL is allowed */
char *awk_scratch_get(struct awk_memory *m, size_t n);
void awk_scratch_reset(struct awk_memory *m);
void awk_scratch_free(struct awk_memory *m);

struct awk_value awk_of_number(awk_number v);
struct awk_value awk_of_text(const char *p, size_t n);
struct awk_value awk_of_outside(const char *p, size_t n); /* AWK_NUMERIC when it looks like a number */
awk_number awk_number_of(const struct awk_value *v);
bool awk_is_true(const struct awk_value *v);
/* The text of a value: p and n set, a number's being in scratch. False: no memory. */
bool awk_text_of(struct awk_memory *m, const struct awk_value *v, const char **p, u32 *n);
bool awk_compare(struct awk_memory *m, const struct awk_value *a, const struct awk_value *b, int *order);
bool awk_cell_set(struct awk_memory *m, struct awk_cell *c, const struct awk_value *v);
void awk_cell_clear(struct awk_memory *m, struct awk_cell *c);

#endif
