/* Internal to lib. */
/* The variables of a running script. A $( ) or a stage of a pipe works on a copy, which goes with it. */
#ifndef LIB_SCRIPT_VARS_H
#define LIB_SCRIPT_VARS_H

#include "lib/base.h"

struct script_vars;

struct script_vars *script_vars_new(const struct script_vars *from); /* a copy, or empty; NULL: no memory */
void script_vars_free(struct script_vars *v);
const char *script_vars_get(const struct script_vars *v, const char *name);
int script_vars_set(struct script_vars *v, const char *name, const char *value, size_t len);
void script_vars_unset(struct script_vars *v, const char *name);
bool script_name_ok(const char *name);

#endif
