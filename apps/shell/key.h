/* Bytes from a terminal to keys.
 *
 *     struct key_reader r = {0};
 *     struct key k;
 *     if (key_feed(&r, byte, &k)) ... k.code, for KEY_TEXT k.text[0..k.bytes)
 *
 * A pure state machine, a few bytes large: no clock, no memory, no output. Whatever the terminal sends, each byte
 * yields at most one key, and a sequence that never ends is given up after KEY_SEQUENCE_MAX bytes.
 */
#ifndef APPS_SHELL_KEY_H
#define APPS_SHELL_KEY_H

#include "lib/base.h"

#define KEY_SEQUENCE_MAX 64

enum key_code {
    KEY_TEXT, /* one character, well-formed UTF-8 */
    KEY_BAD,  /* bytes that mean nothing */
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_ENTER,
    KEY_TAB,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_WORD_KILL,    /* Alt-D */
    KEY_WORD_RUBOUT,  /* Alt-Backspace: letters and digits */
    KEY_BLANK_RUBOUT, /* Ctrl-W: up to a blank */
    KEY_LAST_WORD,    /* Alt-. */
    KEY_KILL_END,
    KEY_KILL_START,
    KEY_YANK,
    KEY_TRANSPOSE,
    KEY_REDRAW,
    KEY_SEARCH,
    KEY_ABORT,     /* Ctrl-G */
    KEY_INTERRUPT, /* Ctrl-C */
    KEY_EOF,       /* Ctrl-D: delete, or the end on an empty line */
    KEY_SIZE,      /* the terminal answered where its cursor is: row, column */
};

struct key {
    enum key_code code;
    u8 bytes;
    char text[4];
    u16 row, column; /* KEY_SIZE */
    bool pasted;     /* KEY_TEXT out of a bracketed paste */
};

struct key_reader {
    u8 state, bytes, wanted;
    bool paste, after_cr;
    char text[4];
    u16 param[2];
    u8 params, skipped;
};

bool key_feed(struct key_reader *r, u8 byte, struct key *k); /* true: *k is a key */

#endif
