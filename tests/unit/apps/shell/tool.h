/* Runs a text tool on a text, and the tool of the same name on this machine, for comparison. */
#ifndef TESTS_UNIT_APPS_SHELL_TOOL_H
#define TESTS_UNIT_APPS_SHELL_TOOL_H

#include "lib/base.h"

struct tool_result {
    char out[65536], err[4096]; /* NUL-terminated, cut */
    size_t out_len;
    int status;
};

/* One command with its words, '...' and "..." quoted; no pipes. */
void tool_run(struct tool_result *r, const char *line, const char *input, size_t n);
/* The same line given to this machine's sh, locale C. False when the tool is not here (or there is no sh). */
bool tool_run_system(struct tool_result *r, const char *line, const char *input, size_t n);
/* Runs both and reports where they differ, in output or status; false when it could not be compared. */
bool tool_compare(const char *file, int at, const char *line, const char *input, size_t n);
#define TOOL_COMPARE(line, input, n) tool_compare(__FILE__, __LINE__, line, input, n)

#endif
