/* Strong bytes: lib/rand's generators, as on the machine, seeded when the ground is made.
 *
 * In real time the seed is the kernel's own randomness. Under virtual time it is the ground's: the same bytes each
 * time, and not strong at all, which is what a test wants. What devices give is stirred in, so it changes them; and
 * counted.
 */
#include "host/ground.h"
#include "host/host.h"
#include "lib/rand.h"

#include <sys/random.h>

static u64 bits_added;

void entropy_start(void)
{
    u8 seed[32] = "Weir's hosted ground";
    if (!host_ground.real)
        __builtin_memcpy(seed + sizeof(seed) - sizeof(host_ground.seed), &host_ground.seed, sizeof(host_ground.seed));
    else if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
        panic("host: getrandom");
    store_relaxed(&bits_added, 0);
    rand_forget();
    rand_seed(seed, sizeof(seed));
}

void entropy_read(void *p, size_t n)
{
    rand_bytes(p, n);
}

void entropy_add(const char *source, const void *p, size_t n, unsigned bits)
{
    (void)source;
    rand_seed(p, n);
    atomic_add_relaxed(&bits_added, bits);
}

u64 host_entropy_added(void)
{
    return load_relaxed(&bits_added);
}
