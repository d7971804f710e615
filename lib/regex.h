/* Regular expressions: POSIX basic and extended, with GNU's common additions, in time linear in the text.
 *
 *     const char *why;
 *     struct regex *re = regex_compile("eth[0-9]+", 9, REGEX_ERE, &why);
 *     if (!re)
 *         return cmd_usage(c, "%s", why);
 *     if (regex_find(re, line, n, 0, &start, &end)) ...
 *     regex_free(re);
 *
 * Matching is leftmost and of these the longest, as POSIX says; lines hold no newline, so `^` and `$` are the ends of
 * the text. `.`, brackets and repeats mean characters of UTF-8; places are told in bytes; what no UTF-8 is belongs to
 * the character before it. Classes, letters in either case and \w are ASCII's. It runs all possibilities side by side
 * (Thompson 1968, Pike 1987): an expression costs at most its size for each byte of text, whatever it says, so that
 * nobody can write one that hangs the machine. Sizes are bounded; memory is taken at compilation alone. What cannot be
 * had this way, back-references (\1), is refused.
 *
 * One struct regex serves one task at a time: it holds the scratch of the search.
 */
#ifndef LIB_REGEX_H
#define LIB_REGEX_H

#include "lib/base.h"
#include "lib/regex_flag.h"

struct regex;

/* NULL with the reason in *why, worded as GNU's tools do. */
struct regex *regex_compile(const char *pattern, size_t n, unsigned flags, const char **why) MUST_USE;
void regex_free(struct regex *re);

/* The leftmost-longest match in s[0..n) that starts at `from` or later. */
bool regex_find(struct regex *re, const char *s, size_t n, size_t from, size_t *start, size_t *end);
/* Is there a match at all: stops at the first, so it is cheaper. */
bool regex_test(struct regex *re, const char *s, size_t n);

#endif
