/* What may stand where the cursor is.
 *
 *     weir# dmesg | grep eth /proc/inte_        the command is grep, its words so far are grep, eth, /proc/inte
 *                   '-- words of this command --'
 *
 * The line up to the cursor is read as sh would, as far as that matters: separators begin a new command, quotes
 * protect. A word in which something is quoted is not completed, since it could not be put back as it was typed.
 */
#include "apps/shell/complete.h"
#include "apps/shell/dir.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define WORDS_MAX    32
#define COMPLETE_MAX 1024 /* bytes of a line that are looked at */

struct words {
    char text[COMPLETE_MAX];
    char *word[WORDS_MAX + 1];
    int n;         /* the last one is the one to be completed, perhaps empty */
    size_t from;   /* where it begins in the line */
    bool redirect; /* it names a file to read or write */
    bool quoted;   /* there is a quote or a backslash in it */
};

static bool is_separator(char c)
{
    return c == '|' || c == ';' || c == '&' || c == '(' || c == '\n' || c == '`';
}

/* Words after which a command stands. */
static bool goes_on(const char *w)
{
    static const char *const names[] = {"do", "!", "sudo", "time", "{", "then"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(w, names[i]))
            return true;
    const char *name = w; /* NAME=value before a command */
    while (char_is_alnum(*name) || *name == '_')
        name++;
    return name > w && *name == '=' && !char_is_digit(*w);
}

static bool start_word(struct words *w, char *at, size_t from)
{
    if (w->n == 1 && goes_on(w->word[0]))
        w->n = 0;
    if (w->n == WORDS_MAX)
        return false;
    w->word[w->n++] = at;
    w->from = from;
    w->quoted = false;
    return true;
}

/* False when the line is too long or too full to be understood. */
static bool read_words(struct words *w, const char *line, size_t at)
{
    char quote = 0, *to = w->text;
    bool inside = false;
    if (at >= COMPLETE_MAX)
        return false;
    w->n = 0;
    w->redirect = false;
    for (size_t i = 0; i < at; i++) {
        char c = line[i];
        bool blank = c == ' ' || c == '\t', redirect = c == '<' || c == '>';
        if (!quote && (blank || redirect || is_separator(c))) {
            if (inside)
                *to++ = 0;
            if (w->redirect && inside && !redirect) { /* the file's name is no word of the command */
                w->redirect = false;
                w->n--;
            }
            inside = false;
            w->redirect |= redirect;
            if (is_separator(c)) {
                w->n = 0;
                w->redirect = false;
            }
            continue;
        }
        if (!inside && !start_word(w, to, i))
            return false;
        inside = true;
        if (quote ? c == quote : c == '\'' || c == '"') {
            quote = quote ? 0 : c;
            w->quoted = true;
            continue;
        }
        w->quoted |= c == '\\';
        *to++ = c;
    }
    if (!inside && !start_word(w, to, at))
        return false;
    *to = 0;
    w->word[w->n] = NULL;
    return true;
}

/* ---- sources ---- */

struct sink {
    struct offers *o;
    const char *prefix;
};

static void offer(void *arg, const char *word)
{
    struct sink *s = arg;
    if (str_starts(word, s->prefix))
        offers_add(s->o, word);
}

static void offer_commands(struct sink *s)
{
    static const char *const builtins[] = {"export", "unset", "set", "exit", "for", "true", "false"};
    char first[32];
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e)) {
        str_copy_n(first, sizeof(first), e->name, strcspn(e->name, " "));
        offer(s, first);
    }
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        offer(s, builtins[i]);
}

static void offer_second_words(struct sink *s, const char *first)
{
    size_t n = strlen(first);
    for (const struct cmd *e = cmd_next(NULL); e; e = cmd_next(e))
        if (strncmp(e->name, first, n) == 0 && e->name[n] == ' ')
            offer(s, e->name + n + 1);
}

static void offer_from_command(struct sink *s, struct script_env *env, struct words *w)
{
    struct cmd_ctx c = {
        .net = env->net, .out = env->out, .err = env->err, .argc = w->n, .argv = w->word, .shell = env->shell};
    c.cmd = cmd_find(w->n, w->word, &c.words);
    if (c.cmd && c.cmd->complete && w->n > c.words)
        c.cmd->complete(&c, offer, s);
}

/* The names in the directory that the word's beginning names; what is offered is the last part alone. */
static void offer_files(struct offers *o, struct net *net, const char *word, size_t at)
{
    char path[FILE_PATH_MAX], name[FILE_PATH_MAX];
    const char *slash = strrchr(word, '/');
    struct dir d;
    size_t parent = slash ? (size_t)(slash - word) + 1 : 0;
    if (!parent || str_copy_n(path, sizeof(path), word, parent) >= sizeof(path))
        return;
    o->from = at - strlen(slash + 1);
    if (dir_read(&d, net, path) == 0)
        for (const struct dir_entry *e = dir_next(&d, NULL); e; e = dir_next(&d, e)) {
            fmt(name, sizeof(name), "%s%s", e->name, e->st.dir ? "/" : "");
            if (str_starts(name, slash + 1) && (name[0] != '.' || slash[1] == '.'))
                offers_add(o, name);
        }
    dir_free(&d);
}

struct variables {
    struct sink *s;
    const char *mark;
};

static void offer_variable(void *arg, const char *name, const char *value)
{
    struct variables *v = arg;
    char word[64];
    if (fmt(word, sizeof(word), "%s%s", v->mark, name) < sizeof(word))
        offer(v->s, word);
}

void complete_line(struct script_env *env, const char *line, size_t at, struct offers *o)
{
    struct words *w = mem_alloc(sizeof(*w));
    o->from = at;
    if (w && read_words(w, line, at) && !w->quoted) {
        const char *word = w->word[w->n - 1];
        struct sink s = {o, word};
        struct variables v = {&s, word[0] == '$' && word[1] == '{' ? "${" : "$"};
        o->from = w->from;
        if (word[0] == '$') {
            script_each_var(env, offer_variable, &v);
        } else if (w->n == 1 && !w->redirect && word[0] != '/') {
            offer_commands(&s);
        } else if (!w->redirect) {
            if (w->n == 2)
                offer_second_words(&s, w->word[0]);
            offer_from_command(&s, env, w);
        }
        if (!o->count && word[0] == '/')
            offer_files(o, env->net, word, at);
        else if (!o->count && !word[0] && w->n > 1)
            offers_add(o, "/");
    }
    mem_free(w);
}
