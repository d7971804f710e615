/* Internal to lib. */
/* The commands that are part of the language itself: : true false set exit break continue export unset. */
#ifndef LIB_SCRIPT_BUILTIN_H
#define LIB_SCRIPT_BUILTIN_H

#include "lib/base.h"

struct script_env;
struct cmd_ctx;

struct script_builtin {
    const char *name;
    bool special; /* POSIX 2.14: an error in it ends the script */
    int (*run)(struct script_env *env, struct cmd_ctx *c);
};

const struct script_builtin *script_builtin_find(const char *name); /* NULL: an ordinary command */

#endif
