/* Strong bytes: the kernel's when time is real, otherwise a stream that the ground's seed determines (splitmix64).
 *
 * The stream is not strong at all, which is why it is found under virtual time alone.
 */
#include "host/ground.h"
#include "host/host.h"

#include <sys/random.h>

static struct spinlock lock;
static u64 state;
static u64 bits_added;

void entropy_start(void)
{
    bits_added = 0;
    state = host_ground.seed ^ 0x5765697220686f73; /* not the test's own numbers */
}

static u64 next_word(void)
{
    u64 z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void entropy_read(void *p, size_t n)
{
    u8 *at = p;
    if (host_ground.real) {
        while (n) {
            ssize got = getrandom(at, n, 0);
            if (got < 0)
                panic("entropy: getrandom");
            at += got;
            n -= (size_t)got;
        }
        return;
    }
    spin_lock(&lock);
    while (n) {
        u64 word = next_word();
        size_t part = min(n, sizeof(word));
        __builtin_memcpy(at, &word, part);
        at += part;
        n -= part;
    }
    spin_unlock(&lock);
}

/* What devices give is counted, so that a test can see it arrive; the stream stays the seed's. */
void entropy_add(const char *source, const void *p, size_t n, unsigned bits)
{
    (void)source, (void)p, (void)n;
    atomic_add_relaxed(&bits_added, bits);
}

u64 host_entropy_added(void)
{
    return load_relaxed(&bits_added);
}
