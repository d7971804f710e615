/* ChaCha20 and the generators that run on it (contract: lib/rand.h).
 *
 *     rand_seed --> root key --(at its first number after a seed)--> key of a CPU --> blocks: [next key | numbers ...]
 *
 * The root key absorbs seeds 32 bytes at a time: xor, then it is replaced by the first half of a block made with it, so
 * that nobody can go back, nor choose seeds that undo others. A CPU's key is the second half of such a block. A CPU
 * makes BLOCKS blocks at once; the first 32 bytes are its next key, the others wait to be handed out. A long request
 * gets a key of its own and runs without the lock.
 *
 * Locks: a CPU's is held with interrupts off, since an interrupt may want a number as well; the root's within it.
 */
#include "lib/rand.h"
#include "lib/byteorder.h"
#include "lib/plat.h"
#include "lib/string.h"

#define BLOCK    64
#define BLOCKS   8
#define KEY_SIZE sizeof(struct chacha_key)

static struct {
    struct spinlock lock;
    struct chacha_key key;
    u64 seeds; /* how often it was seeded; 0: never */
    u32 drawn; /* keys given to CPUs since the last seed */
} root;

static struct generator {
    struct spinlock lock;
    u32 left;  /* bytes at the end of `ready` not yet handed out */
    u64 seeds; /* root.seeds when the key was drawn */
    struct chacha_key key;
    u8 ready[BLOCKS * BLOCK - KEY_SIZE];
} CACHE_ALIGNED generators[CPU_MAX];

static u32 rotl32(u32 v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static inline __attribute__((always_inline)) void quarter_round(u32 *a, u32 *b, u32 *c, u32 *d)
{
    *a += *b, *d = rotl32(*d ^ *a, 16);
    *c += *d, *b = rotl32(*b ^ *c, 12);
    *a += *b, *d = rotl32(*d ^ *a, 8);
    *c += *d, *b = rotl32(*b ^ *c, 7);
}

void chacha20_block(const struct chacha_key *key, u32 counter, const u32 nonce[3], u8 out[64])
{
    u32 start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];

    memcpy(start + 4, key->word, sizeof(key->word));
    start[12] = counter;
    memcpy(start + 13, nonce, 3 * sizeof(u32));
    memcpy(x, start, sizeof(x));
    for (int i = 0; i < 10; i++) {
        quarter_round(&x[0], &x[4], &x[8], &x[12]);
        quarter_round(&x[1], &x[5], &x[9], &x[13]);
        quarter_round(&x[2], &x[6], &x[10], &x[14]);
        quarter_round(&x[3], &x[7], &x[11], &x[15]);
        quarter_round(&x[0], &x[5], &x[10], &x[15]);
        quarter_round(&x[1], &x[6], &x[11], &x[12]);
        quarter_round(&x[2], &x[7], &x[8], &x[13]);
        quarter_round(&x[3], &x[4], &x[9], &x[14]);
    }
    for (int i = 0; i < 16; i++)
        store_le32(out + 4 * i, x[i] + start[i]);
}

/* Makes one block with the root key: the first half replaces it, the second is left in `half`. Root's lock is held. */
static void turn_root(u32 counter, struct chacha_key *half)
{
    u8 block[BLOCK];
    const u32 nonce[3] = {0x72656957, (u32)root.seeds, (u32)(root.seeds >> 32)};

    chacha20_block(&root.key, counter, nonce, block);
    memcpy(&root.key, block, KEY_SIZE);
    memcpy(half, block + KEY_SIZE, KEY_SIZE);
    mem_wipe(block, sizeof(block));
}

void rand_seed(const void *p, size_t n)
{
    const u8 *s = p;
    struct chacha_key unused;
    u64 flags = spin_lock_irq(&root.lock);

    root.key.word[0] ^= (u32)n; /* so that zeroes at the end count */
    do {
        u8 part[KEY_SIZE] = {0};
        size_t size = min(n, sizeof(part));
        memcpy(part, s, size);
        for (unsigned i = 0; i < 8; i++)
            root.key.word[i] ^= load_le32(part + 4 * i);
        turn_root(0, &unused);
        mem_wipe(part, sizeof(part));
        s += size;
        n -= size;
    } while (n);
    root.drawn = 0;
    store_release(&root.seeds, root.seeds + 1);
    spin_unlock_irq(&root.lock, flags);
    mem_wipe(&unused, sizeof(unused));
}

bool rand_ready(void)
{
    return load_acquire(&root.seeds) != 0;
}

void rand_forget(void)
{
    mem_wipe(&root, sizeof(root));
    mem_wipe(generators, sizeof(generators));
}

/* A new key from the root, which has been seeded since the last. */
static void draw_key(struct generator *g)
{
    spin_lock(&root.lock);
    if (!root.seeds)
        panic("rand: asked for a number before it was seeded");
    turn_root(++root.drawn, &g->key);
    g->seeds = root.seeds;
    spin_unlock(&root.lock);
}

static NOINLINE void refill(struct generator *g)
{
    static const u32 nonce[3] = {0};
    u8 block[BLOCK];
    struct chacha_key key;

    if (g->seeds != load_acquire(&root.seeds) || !g->seeds)
        draw_key(g);
    key = g->key;
    chacha20_block(&key, 0, nonce, block);
    memcpy(&g->key, block, KEY_SIZE);
    memcpy(g->ready, block + KEY_SIZE, BLOCK - KEY_SIZE);
    for (u32 i = 1; i < BLOCKS; i++)
        chacha20_block(&key, i, nonce, g->ready + i * BLOCK - KEY_SIZE);
    g->left = sizeof(g->ready);
    mem_wipe(&key, sizeof(key));
    mem_wipe(block, sizeof(block));
}

/* At most sizeof(ready) bytes; the generator's lock is held. */
static inline void hand_out(struct generator *g, void *p, u32 n)
{
    if (g->left < n || unlikely(g->seeds != load_acquire(&root.seeds)))
        refill(g);
    u8 *from = g->ready + sizeof(g->ready) - g->left;
    memcpy(p, from, n);
    memset(from, 0, n);
    g->left -= n;
}

u64 rand_u64(void)
{
    struct generator *g = &generators[cpu_id()];
    u64 v, flags = spin_lock_irq(&g->lock);

    hand_out(g, &v, sizeof(v));
    spin_unlock_irq(&g->lock, flags);
    return v;
}

static void stream_out(const struct chacha_key *key, u8 *p, size_t n)
{
    static const u32 nonce[3] = {1}; /* another than refill's: no key serves both */
    u8 block[BLOCK];

    for (u32 i = 0; n >= BLOCK; i++, p += BLOCK, n -= BLOCK)
        chacha20_block(key, i, nonce, p);
    chacha20_block(key, ~0u, nonce, block);
    memcpy(p, block, n);
    mem_wipe(block, sizeof(block));
}

void rand_bytes(void *p, size_t n)
{
    struct generator *g = &generators[cpu_id()];
    struct chacha_key key;
    bool is_short = n <= 4 * BLOCK;
    u64 flags = spin_lock_irq(&g->lock);

    hand_out(g, is_short ? p : &key, is_short ? (u32)n : KEY_SIZE);
    spin_unlock_irq(&g->lock, flags);
    if (!is_short) {
        stream_out(&key, p, n);
        mem_wipe(&key, sizeof(key));
    }
}

/* The high half of n * random is below n; where the low half is less than 2^64 mod n, some results would have one
 * random number more than others: those are thrown again. */
u64 rand_below(u64 n)
{
    unsigned __int128 v = (unsigned __int128)rand_u64() * n;

    if ((u64)v < n) {
        u64 least = -n % n;
        while ((u64)v < least)
            v = (unsigned __int128)rand_u64() * n;
    }
    return (u64)(v >> 64);
}
