/* What belongs to sh and not to a script, as a table: the word, and what would be right.
 *
 * Reserved words are refused where a command begins and nothing of them is quoted, as sh itself knows them. Builtins
 * of sh that would change the shell are refused by their plain name: to run them as "command not found" would be to
 * accept them and go on. Names that are commands on Linux and none here are no matter of this table.
 */
#include "lib/script_refused.h"

#include "lib/string.h"

static const struct {
    const char *word, *right;
} reserved[] = {
    {"if", "write COMMAND && COMMAND || COMMAND"},
    {"then", "there is no if: write COMMAND && COMMAND || COMMAND"},
    {"else", "there is no if: write COMMAND && COMMAND || COMMAND"},
    {"elif", "there is no if: write COMMAND && COMMAND || COMMAND"},
    {"fi", "there is no if: write COMMAND && COMMAND || COMMAND"},
    {"case", "write COMMAND && COMMAND || COMMAND"},
    {"esac", "there is no case: write COMMAND && COMMAND || COMMAND"},
    {"while", "the only loop is for NAME in WORDS; do COMMANDS; done"},
    {"until", "the only loop is for NAME in WORDS; do COMMANDS; done"},
    {"do", "it belongs behind for NAME in WORDS;"},
    {"done", "there is no for that it could end"},
    {"{", "there are no groups: write the commands one after the other"},
    {"}", "there are no groups: write \"}\" for the text"},
    {"!", "it stands before a whole pipeline: ! COMMAND | COMMAND"},
    {"[[", "that is bash's: write COMMAND && COMMAND"},
    {"function", "that is bash's, and there are no functions"},
    {"select", "that is bash's: the only loop is for NAME in WORDS; do COMMANDS; done"},
};

static const struct {
    const char *name, *right;
} commands[] = {
    {".", "put the lines here, or write sh FILE (with variables of its own)"},
    {"source", "put the lines here, or write sh FILE (with variables of its own)"},
    {"alias", "there are none: write the command out"},
    {"unalias", "there are no aliases"},
    {"eval", "write the command out"},
    {"exec", "write the command alone"},
    {"trap", "there are no signals"},
    {"return", "there are no functions: write exit"},
    {"shift", "a script has no arguments"},
    {"getopts", "a script has no arguments"},
    {"local", "there are no functions: write NAME=value"},
    {"declare", "that is bash's: write NAME=value"},
    {"typeset", "that is bash's: write NAME=value"},
    {"let", "there is no arithmetic: write the number"},
    {"readonly", "write NAME=value"},
    {"read", "write NAME=$(COMMAND)"},
    {"wait", "commands do not run in the background"},
    {"jobs", "commands do not run in the background"},
    {"bg", "commands do not run in the background"},
    {"fg", "commands do not run in the background"},
    {"ulimit", "there are no processes to limit"},
    {"umask", "files have no permissions"},
};

void script_refused_word(struct parser *ps)
{
    size_t n = 0;

    for (unsigned i = 0; i < ARRAY_LEN(reserved); i++)
        if (script_at_word(ps, reserved[i].word))
            script_refuse(ps, here_is(ps), "%s: %s", reserved[i].word, reserved[i].right);
    while (in_name(peek(ps, n)))
        n++;
    if (n && begins_name(peek(ps, 0)) && peek(ps, n) == '+' && peek(ps, n + 1) == '=')
        script_refuse(ps, here_is(ps), "+=: that is bash's: write %.*s=$%.*s...", (int)min(n, (size_t)30), ps->p,
                      (int)min(n, (size_t)30), ps->p);
}

/* Flags that `set` understands; the rest of sh's would be taken and do nothing. */
static bool set_word_ok(const char *w)
{
    if ((*w != '-' && *w != '+') || !w[1])
        return false;
    return strspn(w + 1, "efux") == strlen(w + 1);
}

void script_refused_command(struct parser *ps, const struct word *words)
{
    const char *name = script_plain(words);
    struct place at = {words->line, words->col};

    for (unsigned i = 0; name && i < ARRAY_LEN(commands); i++)
        if (str_eq(name, commands[i].name))
            script_refuse(ps, at, "%s: %s", name, commands[i].right);
    if (!name || !str_eq(name, "set"))
        return;
    for (const struct word *w = words->next; w; w = w->next) {
        const char *text = script_plain(w);
        if (text && !set_word_ok(text))
            script_refuse(ps, (struct place){w->line, w->col},
                          "set: understood are -e -u -f -x, and + for turning off");
    }
}
