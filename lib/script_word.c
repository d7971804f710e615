/* Words of a script: text, quotes, $NAME, $( ), and the lines of here-documents.
 *
 * The bytes of one part are gathered in ps->tmp and go into the arena when the part ends, which is before any $( )
 * within the word is read: so one buffer serves all levels. Rules are those of POSIX 2.2 (quoting), 2.6 (expansions)
 * and 2.7.4 (here-documents); what is an expansion of sh and none of ours is refused where it begins, never taken
 * for text.
 */
#include "lib/plat.h"
#include "lib/script_parser.h"
#include "lib/string.h"

struct building {
    struct parser *ps;
    struct part **tail;
};

static void tmp_byte(struct parser *ps, char c)
{
    if (ps->tmp_len == ps->tmp_cap) {
        size_t cap = ps->tmp_cap ? ps->tmp_cap * 2 : 256;
        char *bigger = mem_alloc(cap);
        if (!bigger) {
            script_refuse(ps, here_is(ps), "no memory");
            return;
        }
        if (ps->tmp_len)
            memcpy(bigger, ps->tmp, ps->tmp_len);
        mem_free(ps->tmp);
        ps->tmp = bigger;
        ps->tmp_cap = cap;
    }
    ps->tmp[ps->tmp_len++] = c;
}

static struct part *add_part(struct building *b, enum part_kind kind, bool quoted)
{
    struct part *part = script_node(b->ps, sizeof(*part));

    if (!part)
        return NULL;
    part->kind = kind;
    part->quoted = quoted;
    *b->tail = part;
    b->tail = &part->next;
    return part;
}

/* What was gathered becomes the part's text. */
static void set_text(struct parser *ps, struct part *part)
{
    char *text = part ? script_node(ps, ps->tmp_len + 1) : NULL;

    if (text) {
        if (ps->tmp_len)
            memcpy(text, ps->tmp, ps->tmp_len);
        part->text = text;
        part->len = (u32)ps->tmp_len;
    }
    ps->tmp_len = 0;
}

static void flush_text(struct building *b, bool quoted)
{
    if (b->ps->tmp_len)
        set_text(b->ps, add_part(b, PART_TEXT, quoted));
}

/* `even` for an empty pair of quotes, which is a word too. */
static void flush_quoted(struct building *b, bool even)
{
    if (b->ps->tmp_len || even)
        set_text(b->ps, add_part(b, PART_TEXT, true));
}

static void take(struct parser *ps)
{
    if (!*ps->p)
        script_refuse(ps, here_is(ps), "a NUL byte");
    tmp_byte(ps, *ps->p);
    script_step(ps);
}

static bool at_continuation(const struct parser *ps)
{
    return past_joins(ps, ps->p) > ps->p;
}

static void skip_two(struct parser *ps)
{
    script_step(ps);
    script_step(ps);
}

/* The letters of a name, which \ at the end of a line may part. */
static void take_name(struct parser *ps)
{
    for (;;) {
        if (at_continuation(ps))
            skip_two(ps);
        else if (!at_end(ps) && in_name(*ps->p))
            take(ps);
        else
            return;
    }
}

/* ${NAME} alone; p stands behind the '{'. */
static void read_braced(struct building *b, struct place at, bool quoted)
{
    struct parser *ps = b->ps;

    take_name(ps);
    bool name = ps->tmp_len && begins_name(ps->tmp[0]);
    if (at_end(ps))
        script_refuse_incomplete(ps, at, "\"${\" without \"}\"");
    else if (*ps->p != '}' || !name)
        script_refuse(ps, at, "of ${ } only ${NAME} is understood: set the variable to what it shall be before");
    if (ps->failed)
        return;
    script_step(ps);
    set_text(ps, add_part(b, PART_VAR, quoted));
}

static void read_subst(struct building *b, struct place at, bool quoted)
{
    struct part *part = add_part(b, PART_SUBST, quoted);

    if (peek(b->ps, 0) == '(') {
        script_refuse(b->ps, at, "$(( )): there is no arithmetic: write the number");
        return;
    }
    if (part)
        part->subst = script_subst_list(b->ps, at);
}

/* At '$'. Whatever has no meaning behind it leaves the '$' as it is, as in sh. */
static void read_dollar(struct building *b, bool quoted)
{
    struct parser *ps = b->ps;
    struct place at = here_is(ps);
    char c = peek_joined(ps, 1);

    if (begins_name(c) || c == '?' || c == '{' || c == '(') {
        quoted ? flush_quoted(b, false) : flush_text(b, false);
        script_step_joined(ps);
    }
    if (begins_name(c)) {
        take_name(ps);
        set_text(ps, add_part(b, PART_VAR, quoted));
    } else if (c == '?') {
        script_step(ps);
        add_part(b, PART_STATUS, quoted);
    } else if (c == '{') {
        script_step_joined(ps);
        read_braced(b, at, quoted);
    } else if (c == '(') {
        script_step_joined(ps);
        read_subst(b, at, quoted);
    } else if ((c && strchr("@*#!$-", c)) || char_is_digit(c)) {
        script_refuse(ps, at, "$%c: a script has no arguments and no process: use a NAME, or '$%c' for the text", c, c);
    } else if (!quoted && (c == '\'' || c == '"')) {
        script_refuse(ps, at, "$%c...%c: write the quotes without $, or \\$ for the text", c, c);
    } else {
        take(ps);
    }
}

static void refuse_backquote(struct parser *ps)
{
    script_refuse(ps, here_is(ps), "`...`: write $(...), or '`' for the text");
}

/* Up to the '"' that closes; in a here-document to the end of the line, which it takes, and '"' is text. */
static void read_double(struct building *b, bool here)
{
    struct parser *ps = b->ps;
    char last = here ? '\n' : '"';

    while (!ps->failed && !at_end(ps) && *ps->p != last) {
        char next = peek(ps, 1);
        if (at_continuation(ps)) {
            skip_two(ps);
        } else if (*ps->p == '\\' && next && strchr(here ? "$`\\" : "$`\\\"", next)) {
            script_step(ps);
            take(ps);
        } else if (*ps->p == '$') {
            read_dollar(b, true);
        } else if (*ps->p == '`') {
            refuse_backquote(ps);
        } else {
            take(ps);
        }
    }
    if (here && !ps->failed && !at_end(ps))
        take(ps);
}

static void read_quotes(struct building *b)
{
    struct parser *ps = b->ps;
    struct place at = here_is(ps);
    struct part **before;
    char quote = *ps->p;

    flush_text(b, false);
    before = b->tail;
    script_step(ps);
    if (quote == '"')
        read_double(b, false);
    else
        while (!ps->failed && !at_end(ps) && *ps->p != '\'')
            take(ps);
    if (ps->failed)
        return;
    if (at_end(ps)) {
        script_refuse_incomplete(ps, at, "a quote %c that is not closed", quote);
        return;
    }
    script_step(ps);
    flush_quoted(b, b->tail == before);
}

static void read_escaped(struct building *b)
{
    struct parser *ps = b->ps;

    if (at_continuation(ps)) {
        skip_two(ps);
        return;
    }
    flush_text(b, false);
    script_step(ps);
    if (at_end(ps)) {
        script_refuse_incomplete(ps, here_is(ps), "a \\ at the very end");
        return;
    }
    take(ps);
    flush_quoted(b, false);
}

/* Would sh put a home directory here? At the beginning of a word; in an assignment behind a ':' too. */
static bool at_tilde(const struct building *b, const struct part *first, enum word_use use)
{
    const struct parser *ps = b->ps;

    if (*ps->p != '~')
        return false;
    return (!first && !ps->tmp_len) || (use == WORD_ASSIGN && ps->tmp_len && ps->tmp[ps->tmp_len - 1] == ':');
}

struct word *script_word(struct parser *ps, enum word_use use)
{
    struct word *w = script_node(ps, sizeof(*w));

    if (!w)
        return NULL;
    struct building b = {ps, &w->parts};
    w->line = ps->line;
    w->col = ps->col;
    while (!ps->failed && !at_end(ps) && !ends_word(*ps->p)) {
        switch (*ps->p) {
        case '\'':
        case '"': read_quotes(&b); break;
        case '\\': read_escaped(&b); break;
        case '$': read_dollar(&b, false); break;
        case '`': refuse_backquote(ps); break;
        case '\r':
            script_refuse(ps, here_is(ps), "a carriage return: lines end in a newline alone (not as on Windows)");
            break;
        default:
            if (at_tilde(&b, w->parts, use))
                script_refuse(ps, here_is(ps), "~: there are no home directories: write '~' for the text");
            take(ps);
        }
    }
    flush_text(&b, false);
    return ps->failed ? NULL : w;
}

/* Is the line at p the document's last? *next is where the following line begins. */
static bool is_last_line(const struct parser *ps, const struct here *h, const char **next)
{
    const char *p = ps->p, *eol = memchr(p, '\n', (size_t)(ps->end - p));
    size_t n = strlen(h->end);

    if (!eol)
        eol = ps->end;
    *next = eol < ps->end ? eol + 1 : eol;
    while (h->tabs && p < eol && *p == '\t')
        p++;
    return (size_t)(eol - p) == n && memcmp(p, h->end, n) == 0;
}

static void read_literal_line(struct parser *ps)
{
    while (!ps->failed && !at_end(ps) && *ps->p != '\n')
        take(ps);
    if (!ps->failed && !at_end(ps))
        take(ps);
}

/* The end line is looked for at the beginning of lines alone: one that \ joins to the line before, or that stands
 * inside of a $( ), ends nothing. */
void script_here_text(struct parser *ps, struct here *h)
{
    struct word *w = script_node(ps, sizeof(*w));
    struct building b = {ps, w ? &w->parts : NULL};
    const char *next = ps->p;

    if (!w)
        return;
    w->line = ps->line;
    w->col = 1;
    h->redir->word = w;
    while (!ps->failed && !at_end(ps) && !is_last_line(ps, h, &next)) {
        while (h->tabs && !at_end(ps) && *ps->p == '\t')
            script_step(ps);
        if (h->literal)
            read_literal_line(ps);
        else
            read_double(&b, true);
    }
    if (ps->failed)
        return;
    if (at_end(ps)) {
        script_refuse_incomplete(ps, (struct place){h->line, h->col}, "a here-document without its end line \"%s\"",
                                 h->end);
        return;
    }
    flush_quoted(&b, true);
    while (ps->p < next)
        script_step(ps);
}
