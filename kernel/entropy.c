/* Entropy: one pool, into which everything is stirred, and from which the generators of lib/rand are seeded.
 *
 * The pool is 32 bytes. Stirring is pool = ChaCha20-block(key = pool ^ bytes, nonce = source, length): one way, so that
 * who sees the pool learns nothing of what went in before. Whatever comes is stirred in; what a stranger cannot know of
 * it is counted in bits, and at ENTROPY_READY_BITS the generators are seeded for the first time.
 *
 *     RDSEED, RDRAND   64 bits a number, once they were seen not to repeat themselves
 *     jitter           the time that the same work takes: half a bit for each sample that differs from the ones before
 *     interrupts       when a device spoke: an eighth of a bit each
 *     devices, people  what entropy_add says (virtio-rng, keys)
 *
 * Reseeding needs no timer: the first interrupt of a device after RESEED_NS does it, so an idle machine sleeps on.
 */
#include "kernel/entropy.h"

#include "kernel/cpuid.h"
#include "kernel/x86.h"
#include "lib/byteorder.h"
#include "lib/fmt.h"
#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/wait.h"

#define SOURCES   8
#define RESEED_NS (120 * NS_PER_S)
#define JITTER_MOST \
    4096 /* samples; half of them must differ, or there is no jitter (an emulator counting instructions) */
#define JITTER_AGAIN (10 * NS_PER_MS)
#define HARDWARE_TRY 10

static struct {
    struct spinlock lock; /* interrupts off */
    u8 pool[32];
    u32 stirred;
    u32 bits, eighths; /* gathered; below ENTROPY_READY_BITS until ready */
    bool ready, told;  /* told: the bring-up is past the line that says from what */
    u64 seeded_ns;
    struct {
        const char *name;
        u32 bits;
    } source[SOURCES];
    unsigned sources;
} e;

static WAITQ(ready_wait);

/* ---- the pool: with e.lock ---- */

static void stir(const void *p, size_t n, u32 about)
{
    const u8 *from = p;
    u8 out[64];
    do {
        size_t part = min(n, sizeof(e.pool));
        struct chacha_key key;
        for (size_t i = 0; i < part; i++)
            e.pool[i] ^= from[i];
        for (unsigned i = 0; i < 8; i++)
            key.word[i] = load_le32(e.pool + 4 * i);
        const u32 nonce[3] = {about, (u32)part, 0};
        chacha20_block(&key, e.stirred++, nonce, out);
        memcpy(e.pool, out, sizeof(e.pool));
        mem_wipe(&key, sizeof(key));
        from += part;
        n -= part;
    } while (n);
    mem_wipe(out, sizeof(out));
}

/* 32 bytes for the generators; the pool goes on from elsewhere. */
static void give_seed(void)
{
    struct chacha_key key;
    u8 out[64];
    const u32 nonce[3] = {0x64656573, 0, 0};
    for (unsigned i = 0; i < 8; i++)
        key.word[i] = load_le32(e.pool + 4 * i);
    chacha20_block(&key, e.stirred++, nonce, out);
    memcpy(e.pool, out, 32);
    rand_seed(out + 32, 32);
    mem_wipe(out, sizeof(out));
    mem_wipe(&key, sizeof(key));
    e.seeded_ns = clock_ns();
}

static void note_source(const char *name, u32 bits)
{
    unsigned i = 0;
    while (i < e.sources && !str_eq(e.source[i].name, name))
        i++;
    if (i == SOURCES)
        return;
    e.source[i].name = name;
    e.source[i].bits += bits;
    e.sources = max(e.sources, i + 1);
}

/* Counts bits; true when this made it ready. */
static bool count_bits(const char *name, u32 bits)
{
    if (!bits || e.ready)
        return false;
    note_source(name, bits);
    e.bits += bits;
    if (e.bits < ENTROPY_READY_BITS)
        return false;
    give_seed();
    store_release(&e.ready, true);
    return true;
}

void entropy_add(const char *source, const void *p, size_t n, unsigned bits)
{
    u32 about = 0;
    for (const char *c = source; *c; c++)
        about = about * 31 + (u8)*c;
    u64 flags = spin_lock_irq(&e.lock);
    const u64 when = rdtsc();
    stir(&when, sizeof(when), about);
    stir(p, n, about);
    bool now_ready = count_bits(source, bits);
    spin_unlock_irq(&e.lock, flags);
    if (now_ready) {
        char text[128];
        entropy_summary(text, sizeof(text));
        log_write(e.told ? LOG_INFO : LOG_DEBUG, "entropy: seeded from %s", text);
        waitq_wake_all(&ready_wait);
    }
}

/* ---- hardware ---- */

static bool draw(bool seed, u64 *v)
{
    for (unsigned i = 0; i < HARDWARE_TRY; i++)
        if (seed ? rdseed(v) : rdrand(v))
            return true;
    return false;
}

/* A generator that gives zeros, ones or the same again is broken: some were (AMD, after suspend). */
static bool is_sane(bool seed)
{
    u64 last = 0, v;
    for (unsigned i = 0; i < 8; i++) {
        if (!draw(seed, &v) || v == 0 || v == ~0ull || v == last)
            return false;
        last = v;
    }
    return true;
}

static bool has_seed, has_rand;

bool entropy_hardware(u64 *v)
{
    return (has_seed && draw(true, v)) || (has_rand && draw(false, v));
}

static void add_hardware(void)
{
    u64 v[4];
    has_seed = cpu_features.rdseed && is_sane(true);
    has_rand = cpu_features.rdrand && is_sane(false);
    if ((cpu_features.rdseed && !has_seed) || (cpu_features.rdrand && !has_rand))
        log_write(LOG_WARN, "entropy: this CPU's %s repeats itself: not used", has_rand ? "RDSEED" : "RDRAND");
    for (unsigned i = 0; i < ARRAY_LEN(v); i++)
        if (!entropy_hardware(&v[i]))
            return;
    entropy_add(has_seed ? "rdseed" : "rdrand", v, sizeof(v), sizeof(v) * 8);
    mem_wipe(v, sizeof(v));
}

/* ---- jitter ---- */

/* Differences of first, second and third order: what repeats, or grows evenly, is no news. */
struct jitter {
    u64 last, delta, delta2;
};

static bool is_news(struct jitter *j, u64 now)
{
    u64 delta = now - j->last, delta2 = delta - j->delta, delta3 = delta2 - j->delta2;
    *j = (struct jitter){.last = now, .delta = delta, .delta2 = delta2};
    return delta && delta2 && delta3;
}

/* Work whose time depends on caches and on whoever else uses the machine. */
static u64 work(u64 x)
{
    static u64 field[512];
    for (unsigned i = 0; i < 16; i++) {
        u64 *p = &field[x >> 32 & 511];
        x = x * 6364136223846793005ull + *p + 1;
        *p = x;
    }
    return x;
}

static void add_jitter(void)
{
    u64 sample[16], x = rdtsc();
    struct jitter j = {.last = x};
    unsigned news = 0;
    for (unsigned i = 0; i < JITTER_MOST && !e.ready; i++) {
        x = work(x);
        u64 now = rdtsc();
        news += is_news(&j, now);
        sample[i % ARRAY_LEN(sample)] = now ^ x;
        if ((i + 1) % ARRAY_LEN(sample))
            continue;
        /* Half a bit each, and nothing when most of them tell nothing. */
        entropy_add("jitter", sample, sizeof(sample), news >= ARRAY_LEN(sample) / 2 ? news / 2 : 0);
        if (!news && i >= 64)
            return;
        news = 0;
    }
}

/* ---- interrupts ---- */

static struct fast {
    struct jitter j;
    u64 gathered[4];
    u32 n, news;
} CACHE_ALIGNED fast[CPU_MAX];

static NOINLINE void add_gathered(struct fast *f)
{
    u32 bits = f->news / 8;
    f->news = 0;
    entropy_add("interrupts", f->gathered, sizeof(f->gathered), bits);
    if (!e.ready || clock_ns() - e.seeded_ns < RESEED_NS)
        return;
    u64 v = 0, flags = spin_lock_irq(&e.lock);
    entropy_hardware(&v);
    stir(&v, sizeof(v), 0);
    give_seed();
    spin_unlock_irq(&e.lock, flags);
}

void entropy_interrupt(u64 tsc, unsigned irq)
{
    struct fast *f = &fast[cpu_id()];
    u32 n = f->n++;
    u64 *into = &f->gathered[n % 4];
    *into = rotl64(*into, 7) ^ tsc ^ (u64)irq << 48;
    if (likely(e.ready)) { /* nothing is counted any more: stirred in now and then */
        if (likely(f->n % 1024))
            return;
    } else {
        f->news += is_news(&f->j, tsc);
        if (f->n % 64)
            return;
    }
    add_gathered(f);
}

/* ---- consumers ---- */

bool entropy_ready(void)
{
    return load_acquire(&e.ready);
}

/* Whoever waits tries for jitter meanwhile: what was too even at one time is not at another. Deaf to task_interrupt: it
 * would be awake from then on. */
void entropy_wait(void)
{
    u64 told_at = clock_ns() + NS_PER_S;
    struct waiter w;
    waitq_enter(&ready_wait, &w);
    while (!entropy_ready()) {
        add_jitter();
        if (clock_ns() >= told_at) {
            log_write(LOG_WARN, "entropy: %u of %u bits: waiting for a generator (virtio-rng) or interrupts (keys)",
                      e.bits, ENTROPY_READY_BITS);
            told_at = ~0ull;
        }
        task_park(clock_ns() + JITTER_AGAIN);
    }
    waitq_leave(&ready_wait, &w);
}

void entropy_read(void *p, size_t n)
{
    rand_bytes(p, n);
}

void entropy_summary(char *p, size_t n)
{
    size_t at = 0;
    if (n)
        p[0] = 0;
    for (unsigned i = 0; i < e.sources && at < n; i++)
        at += (size_t)fmt(p + at, n - at, "%s%s (%u bits)", i ? ", " : "", e.source[i].name, e.source[i].bits);
    if (!e.sources)
        fmt(p, n, "nothing yet");
}

void entropy_init(void)
{
    u64 v = wall_ns() ^ clock_ns();
    entropy_add("clock", &v, sizeof(v), 0);
    add_hardware();
    if (!entropy_ready())
        add_jitter();
    e.told = true;
    if (!entropy_ready())
        log_write(LOG_WARN, "entropy: %u of %u bits so far: who needs secrets waits", e.bits, ENTROPY_READY_BITS);
}
