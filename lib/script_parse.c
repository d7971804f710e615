/* The grammar of scripts: lists, pipelines, loops, simple commands; refusals with what would be right.
 *
 * By recursive descent, one token ahead: sh's words cannot be cut without knowing where they stand (a reserved word is
 * one only where a command begins). Depth is bounded by SCRIPT_NEST. A parser that refused once has ps->failed set, and
 * every loop looks at it. What is refused and why is a table (script_refused.c).
 */
#include "lib/script_parser.h"

#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/script_refused.h"
#include "lib/string.h"

void script_step(struct parser *ps)
{
    if (*ps->p == '\n') {
        ps->line++;
        ps->col = 1;
    } else if (((u8)*ps->p & 0xc0) != 0x80) { /* not the rest of a UTF-8 character */
        ps->col++;
    }
    ps->p++;
}

void script_step_joined(struct parser *ps)
{
    script_step(ps);
    for (const char *to = past_joins(ps, ps->p); ps->p < to;)
        script_step(ps);
}

static void refuse_v(struct parser *ps, struct place at, bool incomplete, const char *f, va_list ap)
{
    if (ps->failed)
        return;
    ps->failed = true;
    ps->err->line = at.line;
    ps->err->col = at.col;
    ps->err->incomplete = incomplete;
    fmt_v(ps->err->msg, sizeof(ps->err->msg), f, ap);
}

void script_refuse(struct parser *ps, struct place at, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    refuse_v(ps, at, false, f, ap);
    va_end(ap);
}

void script_refuse_incomplete(struct parser *ps, struct place at, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    refuse_v(ps, at, true, f, ap);
    va_end(ap);
}

void *script_node(struct parser *ps, size_t n)
{
    void *p = ps->failed ? NULL : script_arena(ps->script, n);

    if (!p)
        script_refuse(ps, here_is(ps), "no memory");
    return p;
}

/* Blanks, joined lines, and a comment up to its newline. */
static void skip_blanks(struct parser *ps)
{
    for (;;) {
        if (peek(ps, 0) == ' ' || peek(ps, 0) == '\t') {
            script_step(ps);
        } else if (past_joins(ps, ps->p) > ps->p) {
            script_step(ps);
            script_step(ps);
        } else {
            break;
        }
    }
    if (peek(ps, 0) == '#')
        while (!at_end(ps) && *ps->p != '\n')
            script_step(ps);
}

static void take_newline(struct parser *ps)
{
    script_step(ps);
    while (ps->heres && !ps->failed) {
        struct here *h = ps->heres;
        ps->heres = h->next;
        script_here_text(ps, h);
    }
}

static void skip_lines(struct parser *ps)
{
    for (skip_blanks(ps); !ps->failed && peek(ps, 0) == '\n'; skip_blanks(ps))
        take_newline(ps);
}

bool script_at_word(const struct parser *ps, const char *word)
{
    const char *p = ps->p;

    for (; *word && p < ps->end && *p == *word; word++)
        p = past_joins(ps, p + 1);
    return !*word && (p == ps->end || ends_word(*p));
}

static void skip_word(struct parser *ps, const char *word)
{
    for (size_t n = strlen(word); n; n--)
        script_step_joined(ps);
}

static struct seq *read_list(struct parser *ps, const char *until);

/* ---- redirections ---- */

static bool at_redir(const struct parser *ps)
{
    const char *p = ps->p;

    while (p < ps->end && char_is_digit(*p))
        p = past_joins(ps, p + 1);
    return p < ps->end && (*p == '<' || *p == '>');
}

static void read_here(struct parser *ps, struct redir *r, struct place at)
{
    struct here *h = script_node(ps, sizeof(*h)), **tail = &ps->heres;
    size_t n = 0;

    if (!h)
        return;
    h->tabs = peek(ps, 0) == '-';
    if (h->tabs)
        script_step_joined(ps);
    if (peek(ps, 0) == '<') {
        script_refuse(ps, at, "<<<: write a here-document (<<EOF), or echo TEXT | COMMAND");
        return;
    }
    skip_blanks(ps);
    struct place place = here_is(ps);
    struct word *w = script_word(ps, WORD_PLAIN);
    for (struct part *part = w ? w->parts : NULL; part; part = part->next) {
        if (part->kind != PART_TEXT)
            script_refuse(ps, place, "the end of a here-document is a plain word");
        h->literal |= part->quoted;
        n += part->len;
    }
    if (w && !w->parts)
        script_refuse(ps, place, "<< wants the word that ends the here-document");
    char *end = script_node(ps, n + 1);
    if (!end)
        return;
    for (struct part *part = w->parts; part; part = part->next)
        str_append(end, n + 1, part->text);
    h->end = end;
    h->redir = r;
    h->line = at.line;
    h->col = at.col;
    while (*tail)
        tail = &(*tail)->next;
    *tail = h;
}

/* Behind ">&" or "<&". */
static void read_dup(struct parser *ps, struct redir *r, struct place at, bool input)
{
    char c = peek(ps, 0);

    if (c == '-')
        script_refuse(ps, at, "closing a stream: send it to /dev/null");
    else if (input || (c != '1' && c != '2') || !(peek_joined(ps, 1) == '\0' || ends_word(peek_joined(ps, 1))))
        script_refuse(ps, at, "only >&1 and >&2 are understood; for a file write >FILE 2>&1");
    if (ps->failed)
        return;
    r->kind = REDIR_DUP;
    r->from = (u8)(c - '0');
    script_step_joined(ps);
}

static void read_target(struct parser *ps, struct redir *r)
{
    skip_blanks(ps);
    if (at_end(ps) || ends_word(*ps->p))
        script_refuse(ps, here_is(ps), "a file name is missing");
    else
        r->word = script_word(ps, WORD_PLAIN);
}

static void read_output(struct parser *ps, struct redir *r, struct place at)
{
    char c = peek(ps, 0);

    r->kind = REDIR_OUT;
    if (r->fd != 1 && r->fd != 2) {
        script_refuse(ps, at, "%u>: only 1 (output) and 2 (errors) can be written to", r->fd);
        return;
    }
    if (c == '&') {
        script_step_joined(ps);
        read_dup(ps, r, at, false);
        return;
    }
    if (c == '>' || c == '|') {
        script_step_joined(ps);
        r->kind = c == '>' ? REDIR_APPEND : REDIR_OUT;
    }
    read_target(ps, r);
}

static void read_input(struct parser *ps, struct redir *r, struct place at)
{
    char c = peek(ps, 0);

    r->kind = REDIR_IN;
    if (r->fd != 0) {
        script_refuse(ps, at, "%u<: only 0 (input) can be read from", r->fd);
    } else if (c == '<') {
        script_step_joined(ps);
        r->kind = REDIR_HERE;
        read_here(ps, r, at);
    } else if (c == '&') {
        script_step_joined(ps);
        read_dup(ps, r, at, true);
    } else if (c == '>') {
        script_refuse(ps, at, "<>: a file is either read or written");
    } else {
        read_target(ps, r);
    }
}

static void read_redir(struct parser *ps, struct redir ***tail)
{
    struct redir *r = script_node(ps, sizeof(*r));
    struct place at = here_is(ps);
    unsigned fd = 0;
    bool given = char_is_digit(peek(ps, 0));

    if (!r)
        return;
    while (char_is_digit(peek(ps, 0))) {
        fd = min(fd * 10 + (unsigned)(*ps->p - '0'), 255u);
        script_step_joined(ps);
    }
    bool output = peek(ps, 0) == '>';
    r->fd = (u8)(given ? fd : output);
    script_step_joined(ps);
    if (output)
        read_output(ps, r, at);
    else
        read_input(ps, r, at);
    **tail = r;
    *tail = &r->next;
}

static void read_redirs(struct parser *ps, struct redir **tail)
{
    for (skip_blanks(ps); !ps->failed && at_redir(ps); skip_blanks(ps))
        read_redir(ps, &tail);
}

/* ---- simple commands ---- */

/* How many letters of a name there are from *p on; *p is then what follows it. */
static size_t name_here(const struct parser *ps, const char **p)
{
    size_t n = 0;

    for (; *p < ps->end && in_name(**p); n++)
        *p = past_joins(ps, *p + 1);
    return n;
}

static void copy_name(struct parser *ps, char *name, size_t n)
{
    for (; n; n--) {
        *name++ = *ps->p;
        script_step_joined(ps);
    }
}

/* How long NAME is where NAME= stands; 0 for anything else. */
static size_t assignment_here(const struct parser *ps)
{
    const char *p = ps->p;
    size_t n = name_here(ps, &p);

    return n && begins_name(*ps->p) && p < ps->end && *p == '=' ? n : 0;
}

static void read_assign(struct parser *ps, size_t n, struct assign ***tail)
{
    struct assign *a = script_node(ps, sizeof(*a));
    char *name = script_node(ps, n + 1);
    struct place at = here_is(ps);

    if (!a || !name)
        return;
    copy_name(ps, name, n);
    script_step_joined(ps);
    a->name = name;
    a->value = script_word(ps, WORD_ASSIGN);
    if (str_eq(name, "IFS"))
        script_refuse(ps, at, "IFS: words are always parted by blanks and newlines");
    **tail = a;
    *tail = &a->next;
}

static void refuse_operator(struct parser *ps)
{
    char c = peek(ps, 0);
    struct place at = here_is(ps);

    if (c == '(')
        script_refuse(ps, at,
                      "( ): there are no functions and no groups in ( ): write the commands one after the other");
    else if (c == ')' && !ps->substs)
        script_refuse(ps, at, "a ) without its $(");
    else if (c == '&' && peek_joined(ps, 1) == '>')
        script_refuse(ps, at, "&>: write >FILE 2>&1");
    else if (c == '&' && peek_joined(ps, 1) != '&')
        script_refuse(ps, at, "&: commands do not run in the background: write ; or a new line");
    else if (c == '|' && peek_joined(ps, 1) == '&')
        script_refuse(ps, at, "|&: write 2>&1 |");
    else if (c == ';' && peek_joined(ps, 1) == ';')
        script_refuse(ps, at, ";;: there is no case: write COMMAND && COMMAND || COMMAND");
}

/* `export` takes its NAME=value as an assignment, as dash and POSIX.1-2024 have it. */
static struct word *read_operand(struct parser *ps, const struct word *words)
{
    const char *command = words ? script_plain(words) : NULL;
    bool assign = command && str_eq(command, "export") && assignment_here(ps);
    struct word *w = script_word(ps, assign ? WORD_ASSIGN : WORD_PLAIN);

    if (w)
        w->assign = assign;
    return w;
}

static void read_simple(struct parser *ps, struct stage *st)
{
    struct word **word = &st->words;
    struct redir **redir = &st->redirs;
    struct assign **assign = &st->assigns;

    for (; !ps->failed; skip_blanks(ps)) {
        size_t name = st->words ? 0 : assignment_here(ps);
        if (at_end(ps))
            break;
        if (at_redir(ps)) {
            read_redir(ps, &redir);
        } else if (ends_word(*ps->p)) {
            refuse_operator(ps);
            break;
        } else if (name) {
            read_assign(ps, name, &assign);
        } else {
            if (st->assigns && !st->words)
                script_refuse(ps, (struct place){st->line, st->col},
                              "NAME=value before a command: commands have no environment: write it on a line before");
            *word = read_operand(ps, st->words);
            if (*word)
                word = &(*word)->next;
        }
    }
    if (!ps->failed && st->words)
        script_refused_command(ps, st->words);
}

/* ---- loops ---- */

static const char *read_name(struct parser *ps)
{
    const char *p = ps->p;
    size_t n = name_here(ps, &p);
    char *name = script_node(ps, n + 1);

    if (!name)
        return NULL;
    if (!n || !begins_name(*ps->p) || !(p == ps->end || ends_word(*p))) {
        script_refuse(ps, here_is(ps), "for wants a variable: for NAME in WORDS; do COMMANDS; done");
        return NULL;
    }
    copy_name(ps, name, n);
    return name;
}

static void expect_word(struct parser *ps, const char *word, struct place open)
{
    if (ps->failed)
        return;
    if (at_end(ps))
        script_refuse_incomplete(ps, open, "for without its \"%s\": for NAME in WORDS; do COMMANDS; done", word);
    else if (!script_at_word(ps, word))
        script_refuse(ps, here_is(ps), "\"%s\" should stand here: for NAME in WORDS; do COMMANDS; done", word);
    else
        skip_word(ps, word);
}

static void read_loop(struct parser *ps, struct stage *st)
{
    struct place open = here_is(ps);
    struct word **word = &st->words;

    skip_word(ps, "for");
    skip_blanks(ps);
    st->loop = read_name(ps);
    if (st->loop && str_eq(st->loop, "IFS"))
        script_refuse(ps, open, "IFS: words are always parted by blanks and newlines");
    skip_lines(ps);
    expect_word(ps, "in", open);
    for (skip_blanks(ps); !ps->failed && !at_end(ps) && !ends_word(*ps->p); skip_blanks(ps)) {
        *word = script_word(ps, WORD_PLAIN);
        if (*word)
            word = &(*word)->next;
    }
    if (!ps->failed && peek(ps, 0) == ';')
        script_step_joined(ps);
    else if (!ps->failed && !at_end(ps) && *ps->p != '\n')
        script_refuse(ps, here_is(ps), "the words of for end in ; or a new line");
    skip_lines(ps);
    expect_word(ps, "do", open);
    st->body = read_list(ps, "done");
    if (!ps->failed && !st->body && !at_end(ps))
        script_refuse(ps, here_is(ps), "nothing between do and done: write \":\" for doing nothing");
    expect_word(ps, "done", open);
    read_redirs(ps, &st->redirs);
    if (!ps->failed && !at_end(ps) && !ends_word(*ps->p))
        script_refuse(ps, here_is(ps), "behind done stands ; or a new line, | && || or a redirection");
    else if (!ps->failed)
        refuse_operator(ps);
}

/* ---- pipelines and lists ---- */

static struct stage *read_stage(struct parser *ps)
{
    struct stage *st = script_node(ps, sizeof(*st));
    struct place at = here_is(ps);

    if (!st)
        return NULL;
    st->line = at.line;
    st->col = at.col;
    if (script_at_word(ps, "for")) {
        if (++ps->nest > SCRIPT_NEST)
            script_refuse(ps, at, "more than %d loops and $( ) within each other", SCRIPT_NEST);
        else
            read_loop(ps, st);
        ps->nest--;
        return st;
    }
    script_refused_word(ps);
    read_simple(ps, st);
    if (!ps->failed && !st->words && !st->assigns && !st->redirs) {
        if (at_end(ps))
            script_refuse_incomplete(ps, at, "a command is missing at the end");
        else
            script_refuse(ps, at, "a command is missing before \"%c\"", *ps->p == '\n' ? ' ' : *ps->p);
    }
    return st;
}

static bool at_pipe(const struct parser *ps)
{
    return peek(ps, 0) == '|' && peek_joined(ps, 1) != '|' && peek_joined(ps, 1) != '&';
}

static struct link *read_pipeline(struct parser *ps)
{
    struct link *l = script_node(ps, sizeof(*l));
    struct stage **tail = l ? &l->stages : NULL;

    if (!l)
        return NULL;
    if (script_at_word(ps, "!")) {
        l->negate = true;
        script_step_joined(ps);
        skip_blanks(ps);
        if (script_at_word(ps, "!"))
            script_refuse(ps, here_is(ps), "! twice: once, or not at all");
    }
    for (;;) {
        *tail = read_stage(ps);
        skip_blanks(ps);
        if (ps->failed || !at_pipe(ps))
            return l;
        tail = &(*tail)->next;
        script_step_joined(ps);
        skip_lines(ps);
    }
}

static struct link *read_links(struct parser *ps)
{
    struct link *first = NULL, **tail = &first;
    bool if_failed = false;

    for (;;) {
        *tail = read_pipeline(ps);
        if (ps->failed)
            return NULL;
        (*tail)->if_failed = if_failed;
        tail = &(*tail)->next;
        char c = peek(ps, 0);
        if ((c != '&' && c != '|') || peek_joined(ps, 1) != c)
            return first;
        if_failed = c == '|';
        script_step_joined(ps);
        script_step_joined(ps);
        skip_lines(ps);
    }
}

/* Up to the reserved word `until`, to ')' where it is ")", or to the end of the text where it is "". */
static bool at_list_end(const struct parser *ps, const char *until)
{
    return at_end(ps) || (*until == ')' ? *ps->p == ')' : *until && script_at_word(ps, until));
}

static struct seq *read_list(struct parser *ps, const char *until)
{
    struct seq *first = NULL, **tail = &first;

    for (skip_lines(ps); !ps->failed && !at_list_end(ps, until); skip_lines(ps)) {
        struct seq *s = script_node(ps, sizeof(*s));
        if (!s)
            return NULL;
        s->links = read_links(ps);
        *tail = s;
        tail = &s->next;
        skip_blanks(ps);
        if (ps->failed || at_end(ps) || (*until == ')' && *ps->p == ')'))
            break;
        refuse_operator(ps);
        if (!ps->failed && *ps->p == ';')
            script_step_joined(ps);
        else if (!ps->failed && *ps->p != '\n')
            script_refuse(ps, here_is(ps), "; or a new line should stand here");
    }
    return ps->failed ? NULL : first;
}

struct seq *script_subst_list(struct parser *ps, struct place open)
{
    struct here *outer = ps->heres;
    struct seq *list;

    ps->heres = NULL;
    ps->substs++;
    if (++ps->nest > SCRIPT_NEST)
        script_refuse(ps, open, "more than %d loops and $( ) within each other", SCRIPT_NEST);
    list = read_list(ps, ")");
    ps->nest--;
    ps->substs--;
    if (!ps->failed && at_end(ps))
        script_refuse_incomplete(ps, open, "a $( that is not closed by )");
    if (!ps->failed && ps->heres)
        script_refuse(ps, (struct place){ps->heres->line, ps->heres->col},
                      "a here-document inside of $( ): its lines must stand before the )");
    if (!ps->failed && outer && ps->line != open.line)
        script_refuse(ps, open, "a $( ) over several lines, on a line with a here-document: set a variable before");
    ps->heres = outer;
    if (!ps->failed)
        script_step_joined(ps);
    return list;
}

struct script *script_parse(const char *text, size_t len, struct script_err *err)
{
    struct script *s = mem_zalloc(sizeof(*s));
    struct parser ps = {.p = text, .end = text + len, .line = 1, .col = 1, .script = s, .err = err};

    *err = (struct script_err){.line = 1, .col = 1};
    if (!s) {
        fmt(err->msg, sizeof(err->msg), "no memory");
        return NULL;
    }
    if (len > SCRIPT_TEXT_MAX)
        script_refuse(&ps, here_is(&ps), "longer than %llu bytes", SCRIPT_TEXT_MAX);
    else
        s->body = read_list(&ps, "");
    if (!ps.failed && ps.heres)
        script_refuse_incomplete(&ps, (struct place){ps.heres->line, ps.heres->col},
                                 "a here-document without its end line \"%s\"", ps.heres->end);
    mem_free(ps.tmp);
    if (!ps.failed)
        return s;
    script_free(s);
    return NULL;
}
