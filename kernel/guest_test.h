/* The tests that run inside the machine: `test` or `test=PATTERN` on the command line. */
#ifndef KERNEL_GUEST_TEST_H
#define KERNEL_GUEST_TEST_H

/* Runs every TEST() linked into the image whose name holds `pattern` ("" is all), tells the results on the console as
 * KTAP, and turns the machine off. Task context, after everything is up. */
void guest_test_run(const char *pattern);

#endif
