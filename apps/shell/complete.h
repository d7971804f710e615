/* What may stand where the cursor is: commands, their second words, what a command itself offers, file names,
 * variables. */
#ifndef APPS_SHELL_COMPLETE_H
#define APPS_SHELL_COMPLETE_H

#include "apps/shell/offers.h"
#include "lib/base.h"
#include "lib/script.h"

void complete_line(struct script_env *env, const char *line, size_t at, struct offers *o);

#endif
