/* Any bytes as a pattern, any bytes as the text: bounded, and what is found lies within the text.
 *
 * First byte: the flags; then the pattern up to the first NUL; the rest is the text. */
#include "lib/plat.h"
#include "lib/regex.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 2 || n > 4096)
        return 0;
    const char *pattern = (const char *)p + 1, *why = NULL;
    const char *nul = memchr(pattern, 0, n - 1);
    size_t length = nul ? (size_t)(nul - pattern) : n - 1;
    const char *text = pattern + length;
    size_t text_len = n - 1 - length, start, end, at = 0;
    struct regex *re = regex_compile(pattern, length, p[0] & 15, &why);
    if (!re && !why)
        panic("no reason given");
    for (int i = 0; re && i < 8 && regex_find(re, text, text_len, at, &start, &end); i++) {
        if (start < at || end < start || end > text_len)
            panic("match outside of the text");
        if (!regex_test(re, text, text_len))
            panic("find and test differ");
        if (end == text_len)
            break;
        at = end > start ? end : end + 1;
    }
    regex_free(re);
    return 0;
}
