/* Which side took a spin lock first, and where, as spin_side.h tells. A place is kept as its distance from here: code
 * is within 2 GiB. Two CPUs that are first at the same time are alike: either is an answer. */
#include "lib/spin_side.h"

#include "lib/atomic.h"

const void *spin_side_note(i32 took[SPIN_SIDES], enum spin_side side, const void *who)
{
    const char *here = (const char *)spin_side_note;
    i32 other = load_relaxed(&took[!side]);

    if (!load_relaxed(&took[side]))
        store_relaxed(&took[side], (i32)((const char *)who - here));
    return other ? here + other : NULL;
}
