/* The options of a command: -n 5, -n5, -iv, --, as getopt reads them.
 *
 *     struct option_reader o;
 *     for (option_start(&o, c, "ivn:"); (ch = option_next(&o)) > 0;)
 *         switch (ch) { case 'n': number = option_number(&o, 0, 1000000); ... }
 *     if (o.bad)
 *         return option_refuse(&o);
 *     ... c->argv[o.at..] are the operands
 *
 * --help, too, ends the reading with `bad` set; option_refuse then prints the help and answers 0. Options after the
 * first operand count as such, as GNU's tools have it, unless `o.strict` is set behind option_start.
 */
#ifndef LIB_OPTION_H
#define LIB_OPTION_H

#include "lib/base.h"
#include "lib/cmd.h"

struct option_reader {
    struct cmd_ctx *c;
    const char *spec;  /* letters; one that wants a value has ':' behind it */
    const char *in;    /* the rest of a word of several letters */
    const char *value; /* of the option just read */
    int at;            /* the next word; in the end the first operand */
    int seen;          /* the last word looked at */
    char letter;
    bool bad, help, strict;
    char why[96];
};

void option_start(struct option_reader *o, struct cmd_ctx *c, const char *spec);
int option_next(struct option_reader *o); /* the letter; 0 at the end or when o->bad */
/* The value as a decimal number within low..high; sets o->bad otherwise. */
u64 option_number(struct option_reader *o, u64 low, u64 high);
int option_refuse(struct option_reader *o); /* says why; the command's exit status */
/* Decimal digits, all of the word; no sign, no octal: what people mean by `head -n 010`. */
bool option_decimal(const char *s, u64 *v);

#endif
