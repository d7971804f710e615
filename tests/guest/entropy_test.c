/* Strong bytes: there, never the same, and on every CPU. */
#include "kernel/entropy.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "tests/guest/crew.h"

static u64 drawn[64][4];

static void draws(unsigned i)
{
    entropy_read(drawn[i], sizeof(drawn[i]));
}

TEST(entropy_differs_everywhere)
{
    char text[128];
    if (!entropy_ready()) {
        test_skip("this machine has no entropy (no RDRAND, no virtio-rng, no jitter)");
        return;
    }
    crew_run(32, draws);
    for (unsigned i = 0; i < 32; i++)
        for (unsigned j = 0; j < i; j++)
            CHECK(memcmp(drawn[i], drawn[j], 8) != 0);
    entropy_wait(); /* returns at once */
    entropy_summary(text, sizeof(text));
    CHECK_NE(text[0], 0);
    entropy_add("test", text, sizeof(text), 0);
    u64 v[2] = {0};
    entropy_read(&v[0], 8);
    entropy_read(&v[1], 8);
    CHECK_NE(v[0], v[1]);
}
