/* Internal to lib. */
/* The value of one tunable: text to memory and back. */
#ifndef LIB_SYSCTL_VALUE_H
#define LIB_SYSCTL_VALUE_H

#include "lib/sysctl.h"

/* Where the variable is; NULL: there is none for that star (or it is a SYSCTL_CALL). */
void *sysctl_var(const struct sysctl *s, struct net *net, const char *star);
int sysctl_show(const struct sysctl *s, struct net *net, const char *star, struct out *o);
int sysctl_store(const struct sysctl *s, struct net *net, const char *star, const char *text);
void sysctl_set_default(const struct sysctl *s, void *var);
bool sysctl_is_default(const struct sysctl *s, struct net *net, const char *star, char value[SYSCTL_VALUE_MAX]);

#endif
