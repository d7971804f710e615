/* The tokenizer: a text to words, strings, punctuation and line ends, each with its place.
 *
 * It reads what it is given and nothing else: the text need not end in NUL, and a NUL in it is a bad character like
 * any other control byte. Tokens point into the text; nothing is copied or changed.
 */
#include "lib/parse.h"
#include "lib/string.h"

void parse_init(struct parse *ps, const char *text, size_t len, const char *punct, char comment)
{
    *ps = (struct parse){text, text + len, punct, comment, 1, 1};
}

static void step(struct parse *ps)
{
    if (*ps->p == '\n') {
        ps->line++;
        ps->col = 1;
    } else if (((u8)*ps->p & 0xc0) != 0x80) { /* not the rest of a UTF-8 character */
        ps->col++;
    }
    ps->p++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_punct(const struct parse *ps, char c)
{
    return c && strchr(ps->punct, c);
}

static bool is_control(char c)
{
    return ((u8)c < 0x20 && c != '\n' && !is_blank(c)) || c == 0x7f;
}

static void skip_blanks(struct parse *ps)
{
    for (;;) {
        if (ps->p < ps->end && is_blank(*ps->p))
            step(ps);
        else if (ps->end - ps->p >= 2 && ps->p[0] == '\\' && ps->p[1] == '\n')
            step(ps), step(ps);
        else
            break;
    }
    if (ps->p < ps->end && ps->comment && *ps->p == ps->comment)
        while (ps->p < ps->end && *ps->p != '\n')
            step(ps);
}

static void read_string(struct parse *ps, struct token *t)
{
    step(ps);
    t->p = ps->p;
    t->kind = TOKEN_STRING;
    while (ps->p < ps->end && *ps->p != '"') {
        if (*ps->p == '\\' && ps->end - ps->p >= 2)
            step(ps);
        step(ps);
    }
    t->n = (size_t)(ps->p - t->p);
    if (ps->p == ps->end) {
        t->kind = TOKEN_BAD;
        t->why = "a string that is not closed by \"";
        return;
    }
    step(ps);
}

static void read_word(struct parse *ps, struct token *t)
{
    t->kind = TOKEN_WORD;
    while (ps->p < ps->end && !is_blank(*ps->p) && *ps->p != '\n' && *ps->p != '"' && !is_punct(ps, *ps->p) &&
           !is_control(*ps->p) && !(ps->comment && *ps->p == ps->comment))
        step(ps);
    t->n = (size_t)(ps->p - t->p);
}

bool parse_next(struct parse *ps, struct token *t)
{
    skip_blanks(ps);
    *t = (struct token){.p = ps->p, .n = 1, .line = ps->line, .col = ps->col};
    if (ps->p == ps->end) {
        t->n = 0;
        return false;
    }
    char c = *ps->p;
    if (c == '"') {
        read_string(ps, t);
    } else if (c == '\n' || is_punct(ps, c) || is_control(c)) {
        t->kind = c == '\n' ? TOKEN_NEWLINE : is_control(c) ? TOKEN_BAD : TOKEN_PUNCT;
        t->why = t->kind == TOKEN_BAD ? "a control character" : NULL;
        step(ps);
    } else {
        read_word(ps, t);
    }
    return true;
}

bool token_is(const struct token *t, const char *word)
{
    return t->kind != TOKEN_STRING && t->n == strlen(word) && memcmp(t->p, word, t->n) == 0;
}
