/* The tests that run inside the machine: `test` or `test=PATTERN` on the command line. */
#ifndef KERNEL_GUEST_TEST_H
#define KERNEL_GUEST_TEST_H

#include "lib/base.h"

/* When the command line asks for it: starts the task that runs every TEST() of the image whose name holds the pattern
 * (all without one), tells the results on the console as KTAP, and turns the machine off. False when nobody asked: then
 * the shell may have the console. The last step of bring-up. */
bool guest_test_start(void);

#endif
