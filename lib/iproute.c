/* The words of iproute2's commands (contract: iproute.h).
 *
 * Options are abbreviated as there: in the order of the table, the first that fits counts. What iproute2 knows and is
 * of no use here (-n, -b, -c ...) is refused as unknown: nothing is taken and then ignored.
 */
#include "lib/iproute.h"

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"

#define LLADDR_MOST 32 /* bytes: longer ones no link has */

bool ip_is(const char *word, const char *name)
{
    return *word && *word == *name && str_starts(name, word);
}

bool ip_among(const char *word, const char *const *names, unsigned n)
{
    while (n && !str_eq(word, names[n - 1]))
        n--;
    return n;
}

/* ---- what is said ---- */

int ip_fail(struct ip_words *w, int status, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    w->status = cmd_fail_v(w->c, status, f, ap);
    va_end(ap);
    return w->status;
}

int ip_duplicate(struct ip_words *w, const char *keyword, const char *value)
{
    return ip_fail(w, IP_WRONG, "Error: duplicate \"%s\": \"%s\" is the second value.", keyword, value);
}

int ip_invalid(struct ip_words *w, const char *value, const char *why)
{
    return ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: %s", value, why);
}

int ip_answer(struct ip_words *w, int err)
{
    return err ? ip_fail(w, IP_REFUSED, "RTNETLINK answers: %s", errno_text(err)) : 0;
}

/* ---- options ---- */

static bool take_option(struct ip_words *w, const char *name)
{
    struct out *o = w->c->out;

    if (*name == '-') /* --json */
        name++;
    if (str_eq(name, "4") || str_eq(name, "6"))
        w->family = (u8)(*name - '0');
    else if (ip_is(name, "statistics") || ip_is(name, "stats"))
        w->stats++;
    else if (ip_is(name, "details"))
        w->details++;
    else if (ip_is(name, "oneline"))
        w->oneline = true;
    else if (strlen(name) > 1 && ip_is(name, "brief"))
        w->brief = true;
    else if (ip_is(name, "json"))
        o->json = true;
    else if (ip_is(name, "pretty"))
        o->pretty = true;
    else
        return false;
    return true;
}

int ip_begin(struct ip_words *w, struct cmd_ctx *c)
{
    *w = (struct ip_words){.c = c, .at = c->words};
    for (int i = 1; i < c->words - 1; i++)
        if (!take_option(w, c->argv[i] + 1))
            return ip_fail(w, IP_WRONG, "Option \"%s\" is unknown, try \"%s -help\".", c->argv[i], c->argv[0]);
    w->newline = w->oneline ? "\\" : "\n";
    return 0;
}

/* ---- words ---- */

const char *ip_word(struct ip_words *w)
{
    return w->status || w->at >= w->c->argc ? NULL : w->c->argv[w->at++];
}

int ip_verb(struct ip_words *w, const char *const *names, unsigned n, int none)
{
    const char *word = ip_word(w);
    if (!word)
        return none;
    for (unsigned i = 0; i < n; i++)
        if (ip_is(word, names[i]))
            return (int)i;
    ip_fail(w, IP_WRONG, "Command \"%s\" is unknown, try \"%s help\".", word, w->c->cmd->name);
    return -1;
}

const char *ip_value(struct ip_words *w)
{
    const char *word = ip_word(w);
    if (!word && !w->status)
        ip_fail(w, IP_WRONG, "Command line is not complete. Try option \"help\"");
    return word;
}

void ip_i64(struct ip_words *w, const char *keyword, i64 low, i64 high, i64 *v)
{
    const char *word = ip_value(w);
    if (word && parse_i64(word, low, high, v, NULL))
        ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: Invalid \"%s\" value\n", word, keyword);
}

void ip_on_off(struct ip_words *w, const char *keyword, bool *v)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    *v = str_eq(word, "on");
    if (!*v && !str_eq(word, "off"))
        ip_fail(w, 1, "Error: argument of \"%s\" must be \"on\" or \"off\", not \"%s\"", keyword, word);
}

/* How many bytes the text has, the first of them in b; fewer than 0: it is none. */
static int read_lladdr(const char *s, u8 b[6])
{
    for (int n = 0; n < LLADDR_MOST;) {
        int digits = 0, v = 0;
        for (; char_hex(*s) >= 0 && digits < 2; s++, digits++)
            v = v * 16 + char_hex(*s);
        if (!digits)
            return -1;
        if (n < 6)
            b[n] = (u8)v;
        n++;
        if (!*s)
            return n;
        if (*s++ != ':')
            return -1;
    }
    return -1;
}

void ip_lladdr(struct ip_words *w, struct macaddr *m)
{
    const char *word = ip_value(w);
    int n = word ? read_lladdr(word, m->b) : 0;
    if (n < 0)
        ip_fail(w, 1, "\"%s\" is invalid lladdr.", word);
    else if (word && n != 6)
        ip_fail(w, 1, "Invalid address length %d - must be 6 bytes", n);
}
