/* Scan codes of a PC keyboard (set 1) to the bytes that a terminal would send: US layout.
 *
 *     struct keymap k = {0};
 *     char text[KEYMAP_MAX];
 *     size_t n = keymap_feed(&k, scancode, text);       0: nothing was typed by this
 *
 * Pure. Arrows, Home, End, Insert, Delete, Page Up and Down, F1-F12 give xterm's sequences, with its modifiers
 * (Ctrl-Left is ESC [ 1 ; 5 D); Alt puts an ESC before the character; Ctrl gives control bytes. Ctrl-Alt-Delete sets
 * `reboot`.
 */
#ifndef KERNEL_KEYMAP_H
#define KERNEL_KEYMAP_H

#include "lib/base.h"

#define KEYMAP_MAX 8

struct keymap {
    u8 held; /* modifiers that are down, a bit for each key: left and right apart */
    bool caps, num;
    bool extended; /* E0 came before */
    u8 pause;      /* bytes of E1's sequence still to swallow */
    bool reboot;   /* Ctrl-Alt-Delete was typed: who sees it puts it back */
};

size_t keymap_feed(struct keymap *k, u8 code, char text[KEYMAP_MAX]);

#endif
