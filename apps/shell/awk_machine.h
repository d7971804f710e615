/* The machine that runs an awk program, and what its parts share. */
#ifndef APPS_SHELL_AWK_MACHINE_H
#define APPS_SHELL_AWK_MACHINE_H

#include "apps/shell/awk_array.h"
#include "apps/shell/awk_program.h"
#include "apps/shell/awk_record.h"
#include "lib/cmd.h"

#define AWK_STACK 128 /* values on the way */
#define AWK_WALKS 8   /* for (k in a) within each other */

struct awk_walk {
    char **key; /* copies, taken when the loop began: the array may change meanwhile */
    u32 *n;
    u32 count, at;
};

/* The pattern made last from text, and that text. */
struct awk_made {
    struct regex *re;
    char *text;
    u32 n;
};

struct awk_machine {
    struct cmd_ctx *c;
    struct awk_memory memory;
    struct awk_program *g;
    struct awk_cell variable[AWK_NAMES];
    struct awk_array array[AWK_NAMES];
    struct hash_key secret;
    struct awk_record record;
    struct awk_value stack[AWK_STACK];
    u32 top;
    struct awk_walk walk[AWK_WALKS];
    u32 walks;
    bool open[AWK_ITEMS]; /* ranges */
    /* Two, because a substitution in a field cuts the record while its own pattern is in use. */
    struct awk_made made, separator;
    int error; /* -errno; 0: none. -EDOM has `why` */
    char why[160];
    int status;
};

/* ---- for the parts ---- */
bool awk_fail(struct awk_machine *m, int err);                             /* false */
bool awk_complain(struct awk_machine *m, const char *f, ...) PRINTF(2, 3); /* false */
bool awk_push(struct awk_machine *m, struct awk_value v);
struct awk_value awk_pop(struct awk_machine *m);
bool awk_text_at(struct awk_machine *m, const struct awk_value *v, const char **p, u32 *n);
struct regex *awk_pattern(struct awk_machine *m, const struct awk_value *v); /* NULL after a failure */
bool awk_split_record(struct awk_machine *m);
bool awk_cutter_for(struct awk_machine *m, const struct awk_value *v, struct awk_cutter *cut);

/* awk_format.c: the text of printf's arguments, in scratch. */
bool awk_format(struct awk_machine *m, const struct awk_value *v, u32 n, const char **p, u32 *len);
/* awk_call.c: the functions; values are on the stack. */
bool awk_call(struct awk_machine *m, enum awk_function f, u32 n);
bool awk_split(struct awk_machine *m, unsigned array, u32 n);
/* The new text of a substitution, and how many there were. */
bool awk_substitute(struct awk_machine *m, struct regex *re, struct awk_value by, struct awk_value in, bool all,
                    struct awk_value *out, u32 *count);

/* awk_run.c */
enum awk_end { AWK_ENDED, AWK_WANTS_NEXT, AWK_WANTS_EXIT, AWK_FAILED };
enum awk_end awk_run(struct awk_machine *m, u32 start);
bool awk_set_variable(struct awk_machine *m, unsigned i, const struct awk_value *v);

#endif
