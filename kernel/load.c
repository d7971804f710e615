/* Load averages: each period the average moves towards the number of tasks by 1 - exp(-5 s / span). Pure. */
#include "kernel/load.h"
#include "lib/fmt.h"

#define ONE 65536u

/* exp(-5/60), exp(-5/300), exp(-5/900) */
static const u32 keep[3] = {60296, 64453, 65173};

void load_step(struct load *l, u32 ready)
{
    u64 now = (u64)ready * ONE;

    for (unsigned i = 0; i < ARRAY_LEN(keep); i++) {
        u64 sum = (u64)l->avg[i] * keep[i] + now * (ONE - keep[i]);
        /* rounded towards the present, so that it arrives there */
        l->avg[i] = (u32)((sum + (now >= l->avg[i] ? ONE - 1 : 0)) / ONE);
    }
}

size_t load_text(char *p, size_t n, u32 avg)
{
    u32 hundredths = (u32)(((u64)avg * 100 + ONE / 2) / ONE);
    return fmt(p, n, "%u.%02u", hundredths / 100, hundredths % 100);
}
