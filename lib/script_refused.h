/* Internal to lib. */
/* What belongs to sh and not to a script: refused where it stands, with what would be right. */
#ifndef LIB_SCRIPT_REFUSED_H
#define LIB_SCRIPT_REFUSED_H

#include "lib/script_parser.h"

void script_refused_word(struct parser *ps); /* where a command begins: reserved words of sh */
void script_refused_command(struct parser *ps, const struct word *words); /* commands that would change sh itself */

#endif
