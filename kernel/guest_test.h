/* The tests that run inside the machine: `test` or `test=PATTERN` on the command line. */
#ifndef KERNEL_GUEST_TEST_H
#define KERNEL_GUEST_TEST_H

#include "lib/base.h"

bool guest_test_wanted(void); /* did the command line ask? Then the shell does not get the console */

/* Starts the task that runs every TEST() of the image whose name holds the pattern (all without one), tells the results
 * on the console as KTAP, and turns the machine off. The last step of bring-up. */
void guest_test_start(void);

#endif
