/* WITH_CONF(dev_up(dev)): a call that changes configuration, under conf_lock as a command makes it; its value is the
 * call's. */
#ifndef TESTS_UNIT_WITH_CONF_H
#define TESTS_UNIT_WITH_CONF_H

#include "lib/conf.h"

static inline int with_conf_begin(void)
{
    conf_enter();
    return 0;
}

static inline void with_conf_end(int *unused)
{
    (void)unused;
    conf_leave();
}

/* clang-format off */
#define WITH_CONF(call) ({ __attribute__((cleanup(with_conf_end), unused)) int held_ = with_conf_begin(); call; })
/* clang-format on */

#endif
