/* Who called whom: %rbp chains, one line a frame, named by the image's own symbols.
 *
 * For panics, the watchdog and whoever asks where a CPU is. The stack may be anything by then: frames are read by
 * trap_read, which fails instead of faulting, and each frame lies above the one before, so a chain that loops ends.
 */
#include "kernel/backtrace.h"

#include "kernel/symbol.h"
#include "kernel/trap_read.h"
#include "lib/fmt.h"

#define FRAMES_WALKED 1000

/* The frame above the one at *rbp: false at the end of the chain, or where it leads nowhere. Upward only, so a loop
 * ends. [rbp] the caller's rbp, [rbp + 8] where it goes on */
static bool next_frame(u64 *rip, u64 *rbp)
{
    u64 next;
    if (!*rbp || *rbp & 7 || !trap_read(*rbp, &next) || !trap_read(*rbp + 8, rip) || !*rip)
        return false;
    if (next && next <= *rbp)
        next = 0;
    *rbp = next;
    return true;
}

/* Frames that call one another in a circle, as in a stack that overflows, are one line and a count. */
void backtrace_walk(u64 rip, u64 rbp, unsigned most, void (*print)(void *arg, const char *line), void *arg)
{
    char text[96];
    u64 last = 0;
    unsigned again = 0, lines = 0;

    for (unsigned i = 0; i < FRAMES_WALKED && lines < most; i++) {
        if (i && !next_frame(&rip, &rbp))
            break;
        if (i && rip == last) {
            again++;
            continue;
        }
        if (again) {
            fmt(text, sizeof(text), "... %u times more", again);
            print(arg, text);
            again = 0;
        }
        symbol_text(text, sizeof(text), i ? rip - 1 : rip); /* a return address may be the next function's first byte */
        print(arg, text);
        last = rip;
        lines++;
    }
    if (again) {
        fmt(text, sizeof(text), "... %u times more", again);
        print(arg, text);
    }
}
