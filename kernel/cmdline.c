/* Splits the boot command line and gives each word to its option. See cmdline.h.
 *
 * The line is the loader's: it may be anything. Words are cut in a buffer of our own; what is longer than it is told
 * and left out.
 */
#include "kernel/cmdline.h"

#include "lib/plat.h"
#include "lib/string.h"

#define WORD 256

/* The next word into p, quotes taken off; returns what follows it, or NULL at the end. *fits: not cut. */
static const char *next_word(const char *s, char *p, size_t size, bool *fits)
{
    size_t n = 0;
    bool quoted = false;

    while (*s == ' ' || *s == '\t' || *s == '\n')
        s++;
    if (!*s)
        return NULL;
    *fits = true;
    for (; *s && (quoted || (*s != ' ' && *s != '\t' && *s != '\n')); s++) {
        if (*s == '"') {
            quoted = !quoted;
            continue;
        }
        if (n + 1 < size)
            p[n++] = *s;
        else
            *fits = false;
    }
    p[n] = 0;
    return s;
}

static void run_word(char *word)
{
    char *eq = strchr(word, '=');
    if (eq)
        *eq = 0;
    SET_FOREACH(boot_option, const struct boot_option, o) {
        if (!str_eq(o->name, word))
            continue;
        if (o->set(eq ? eq + 1 : NULL))
            log_write(LOG_ERR, "command line: %s: \"%s\" is not understood: %s", word, eq ? eq + 1 : "", o->help);
        return;
    }
    log_write(LOG_WARN, "command line: unknown option \"%s\"", word);
}

void cmdline_run(const char *words)
{
    char word[WORD];
    bool fits;

    while ((words = next_word(words, word, sizeof(word), &fits))) {
        if (str_eq(word, "--"))
            return;
        if (fits)
            run_word(word);
        else
            log_write(LOG_ERR, "command line: a word is longer than %u characters: \"%.20s...\"", WORD - 1, word);
    }
}

bool cmdline_get(const char *words, const char *name, unsigned n, char *p, size_t size)
{
    char word[WORD];
    bool fits;

    while ((words = next_word(words, word, sizeof(word), &fits)) && !str_eq(word, "--")) {
        size_t len = strlen(name);
        if (!fits || strncmp(word, name, len) || word[len] != '=' || n--)
            continue;
        str_copy(p, size, word + len + 1);
        return true;
    }
    return false;
}
