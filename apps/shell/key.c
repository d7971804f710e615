/* Bytes from a terminal to keys: what VT100, xterm, the Linux console and rxvt send.
 *
 *            ESC            '['              0x40..0x7e
 *   GROUND -------> ESC -----------> CSI ------------------> key
 *     |  ^           | 'O' -> SS3 -- any --> key
 *     |  |           | ']' 'P' 'X' '^' '_' -> STRING -- BEL, ESC \, or too long --> nothing
 *     |  |           `-- other --> Alt-key
 *     `--'-- 0xc2..0xf4 -> UTF8 -- continuation bytes --> text
 *
 * Between ESC [ 200 ~ and ESC [ 201 ~ everything is text (bracketed paste), line ends and tabs included, so that what
 * is pasted is neither run nor completed before the person has seen it. Ctrl-C leaves any state and any paste: a
 * terminal gone mad cannot lock the console.
 */
#include "apps/shell/key.h"
#include "apps/shell/glyph.h"
#include "lib/string.h"

enum state { GROUND, ESC, CSI, CSI_IGNORED, SS3, STRING, STRING_ESC, UTF8 };

static const u8 controls[32] = {
    /* 0 stands for none: KEY_TEXT is never a control */
    [0x01] = KEY_HOME,      [0x02] = KEY_LEFT,       [0x03] = KEY_INTERRUPT, [0x04] = KEY_EOF,
    [0x05] = KEY_END,       [0x06] = KEY_RIGHT,      [0x07] = KEY_ABORT,     [0x08] = KEY_BACKSPACE,
    [0x09] = KEY_TAB,       [0x0a] = KEY_ENTER,      [0x0b] = KEY_KILL_END,  [0x0c] = KEY_REDRAW,
    [0x0d] = KEY_ENTER,     [0x0e] = KEY_DOWN,       [0x10] = KEY_UP,        [0x12] = KEY_SEARCH,
    [0x14] = KEY_TRANSPOSE, [0x15] = KEY_KILL_START, [0x19] = KEY_YANK,      [0x17] = KEY_BLANK_RUBOUT,
};

static bool give(struct key_reader *r, struct key *k, enum key_code code)
{
    r->state = GROUND;
    *k = (struct key){.code = code};
    return true;
}

static bool give_text(struct key_reader *r, struct key *k, const char *p, unsigned n)
{
    give(r, k, KEY_TEXT);
    k->bytes = (u8)n;
    memcpy(k->text, p, n);
    k->pasted = r->paste;
    return true;
}

static bool nothing(struct key_reader *r)
{
    r->state = GROUND;
    return false;
}

static bool feed_ground(struct key_reader *r, u8 c, struct key *k)
{
    bool second_of_crlf = c == '\n' && r->after_cr;
    r->after_cr = c == '\r';
    if (second_of_crlf)
        return nothing(r);
    if (c == 0x1b) {
        r->state = ESC;
        return false;
    }
    if (r->paste && (c == '\r' || c == '\n' || c == '\t'))
        return give_text(r, k, c == '\t' ? "\t" : "\n", 1);
    if (c < 0x20)
        return r->paste || !controls[c] ? give(r, k, KEY_BAD) : give(r, k, (enum key_code)controls[c]);
    if (c == 0x7f)
        return r->paste ? give(r, k, KEY_BAD) : give(r, k, KEY_BACKSPACE);
    if (c < 0x80)
        return give_text(r, k, (const char *)&c, 1);
    r->wanted = (u8)glyph_length(c);
    if (!r->wanted)
        return give(r, k, KEY_BAD);
    r->text[0] = (char)c;
    r->bytes = 1;
    r->state = UTF8;
    return false;
}

static bool feed_utf8(struct key_reader *r, u8 c, struct key *k)
{
    if ((c & 0xc0) != 0x80) { /* cut short: what came is lost, this byte counts by itself */
        r->state = GROUND;
        return feed_ground(r, c, k);
    }
    r->text[r->bytes++] = (char)c;
    if (r->bytes < r->wanted)
        return false;
    if (!glyph_at(r->text, r->bytes).valid)
        return give(r, k, KEY_BAD);
    return give_text(r, k, r->text, r->bytes);
}

static bool feed_esc(struct key_reader *r, u8 c, struct key *k)
{
    r->params = 0;
    r->skipped = 0;
    r->param[0] = r->param[1] = 0;
    switch (c) {
    case '[': r->state = CSI; return false;
    case 'O': r->state = SS3; return false;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_': r->state = STRING; return false;
    case 0x1b: return false;
    }
    if (r->paste)
        return give(r, k, KEY_BAD);
    switch (c) {
    case 'b':
    case 'B': return give(r, k, KEY_WORD_LEFT);
    case 'f':
    case 'F': return give(r, k, KEY_WORD_RIGHT);
    case 'd':
    case 'D': return give(r, k, KEY_WORD_KILL);
    case '.': return give(r, k, KEY_LAST_WORD);
    case 0x08:
    case 0x7f: return give(r, k, KEY_WORD_RUBOUT);
    }
    return c < 0x20 ? feed_ground(r, c, k) : give(r, k, KEY_BAD);
}

static bool arrow(struct key_reader *r, u8 c, struct key *k)
{
    bool word = r->params > 0 && r->param[1] >= 2; /* with Alt, Ctrl or Shift held */
    switch (c) {
    case 'A': return give(r, k, KEY_UP);
    case 'B': return give(r, k, KEY_DOWN);
    case 'C': return give(r, k, word ? KEY_WORD_RIGHT : KEY_RIGHT);
    case 'D': return give(r, k, word ? KEY_WORD_LEFT : KEY_LEFT);
    case 'H': return give(r, k, KEY_HOME);
    case 'F': return give(r, k, KEY_END);
    default: return nothing(r); /* function keys and the like: known to be keys, of no use here */
    }
}

static bool csi_tilde(struct key_reader *r, struct key *k)
{
    switch (r->param[0]) {
    case 1:
    case 7: return give(r, k, KEY_HOME);
    case 4:
    case 8: return give(r, k, KEY_END);
    case 3: return give(r, k, KEY_DELETE);
    case 200: r->paste = true; break;
    case 201: r->paste = false; break;
    }
    r->after_cr = false;
    return nothing(r);
}

static bool csi_end(struct key_reader *r, u8 c, struct key *k)
{
    if (c == '~')
        return csi_tilde(r, k);
    if (r->paste)
        return nothing(r);
    if (c == 'R' && r->params == 1 && r->param[0] && r->param[1]) {
        give(r, k, KEY_SIZE);
        k->row = r->param[0];
        k->column = r->param[1];
        return true;
    }
    return arrow(r, c, k);
}

static bool feed_csi(struct key_reader *r, u8 c, struct key *k)
{
    if (c < 0x20 || c >= 0x7f || ++r->skipped > KEY_SEQUENCE_MAX) { /* broken off */
        r->state = GROUND;
        return feed_ground(r, c, k);
    }
    if (c >= 0x40)
        return r->state == CSI ? csi_end(r, c, k) : nothing(r);
    if (char_is_digit((char)c) && r->params < ARRAY_LEN(r->param)) {
        u16 *v = &r->param[r->params];
        *v = (u16)min(*v * 10 + (c - '0'), 9999);
    } else if (c == ';') {
        r->params = (u8)min(r->params + 1, (int)ARRAY_LEN(r->param));
    } else {
        r->state = CSI_IGNORED; /* private marks and intermediate bytes: swallow up to the final one */
    }
    return false;
}

static bool feed_string(struct key_reader *r, u8 c, struct key *k)
{
    if (r->state == STRING_ESC && c != '\\') {
        r->state = ESC;
        return feed_esc(r, c, k);
    }
    if (r->state == STRING_ESC || c == 0x07 || ++r->skipped > KEY_SEQUENCE_MAX)
        return nothing(r);
    if (c == 0x1b)
        r->state = STRING_ESC;
    return false;
}

bool key_feed(struct key_reader *r, u8 c, struct key *k)
{
    if (c == 0x03) {
        r->paste = r->after_cr = false;
        return give(r, k, KEY_INTERRUPT);
    }
    switch ((enum state)r->state) {
    case ESC: return feed_esc(r, c, k);
    case CSI:
    case CSI_IGNORED: return feed_csi(r, c, k);
    case SS3:
        if (c >= 0x20 && !r->paste)
            return arrow(r, c, k);
        r->state = GROUND;
        return feed_ground(r, c, k);
    case STRING:
    case STRING_ESC: return feed_string(r, c, k);
    case UTF8: return feed_utf8(r, c, k);
    default: return feed_ground(r, c, k);
    }
}
