/* The lock on configuration: one mutex for all of it, and how often its owner has entered. */
#include "lib/conf.h"

#include "lib/wait.h"

static MUTEX(conf_lock);
static unsigned depth; /* of the owner's entries; his alone */

void conf_enter(void)
{
    if (!mutex_held(&conf_lock))
        mutex_lock(&conf_lock);
    depth++;
}

void conf_leave(void)
{
    if (!--depth)
        mutex_unlock(&conf_lock);
}

bool conf_held(void)
{
    return mutex_held(&conf_lock);
}
