/* A bridge's table of stations: which MAC address is behind which port. Linux: net/bridge/br_fdb.c.
 *
 *     way in    source address, port --> fdb_find: there, of this port, seen within this tick: nothing is written
 *                                        else fdb_learn: entered, or moved, under the table's lock
 *     way on    destination address  --> fdb_find --> the port; here; nobody knows
 *
 * Time is counted in ticks of 67 ms, so that a station that sends all the time costs a store a tick. What was learnt is
 * forgotten when nothing was heard for the ageing time (0: nothing is learnt), at most a second late; a timer runs only
 * while something can be forgotten. Strangers choose addresses: the hash is keyed, and no more than `most` are learnt;
 * what is not is counted, and frames to it go to all ports.
 *
 * Readers are RCU's; entries change under the lock, in softirqs too.
 */
#ifndef NET_LINK_FDB_H
#define NET_LINK_FDB_H

#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/ipaddr.h"
#include "lib/string.h"
#include "lib/timer.h"

#define FDB_MOST   16384u
#define FDB_AGEING (300 * NS_PER_S)
#define FDB_TICK   26 /* 2^26 ns */

struct bridge_port;

enum fdb_kind {
    FDB_LEARNT, /* by itself, or said so by words ("dynamic"): is forgotten */
    FDB_STATIC, /* by words: stays, but follows its station to another port */
    FDB_LOCAL,  /* this machine's own ("permanent") */
};

/* struct fdb_entry.flags */
#define FDB_USER   1u /* by words */
#define FDB_STICKY 2u /* stays at its port, whoever else sends with it */

struct fdb_entry {
    struct hnode node;
    struct macaddr mac;
    u8 kind, flags;
    struct bridge_port *port; /* NULL: the bridge itself */
    u32 seen, used;           /* ticks: when it was last learnt, or looked for */
    struct rcu_head rcu;
};

struct fdb_counts { /* what the owner shows */
    u64 full, moves, own;
};

struct fdb {
    struct htab tab;
    struct hash_key key;
    u32 ageing;           /* ticks; 0: nothing is learnt */
    u64 ageing_ns;        /* as it was asked for */
    u32 most;             /* that are learnt */
    struct spinlock lock; /* all below, and changes of the table */
    u32 learnt;
    struct timer forget;
    struct fdb_counts counts;
};

int fdb_init(struct fdb *f);  /* -ENOMEM */
void fdb_exit(struct fdb *f); /* task; nobody reads it any more */

static inline u32 fdb_tick(u64 ns)
{
    return (u32)(ns >> FDB_TICK);
}

static inline bool fdb_same(const struct hnode *n, const void *mac)
{
    const struct fdb_entry *e = container_of(n, struct fdb_entry, node);
    return load_le32(e->mac.b) == load_le32(mac) && load_le16(e->mac.b + 4) == load_le16((const u8 *)mac + 4);
}

static inline u64 fdb_hash(const struct fdb *f, const void *mac)
{
    u8 word[8] = {0};
    memcpy(word, mac, sizeof(struct macaddr));
    return siphash13_fixed(&f->key, word, sizeof(word));
}

static inline struct fdb_entry *fdb_find(const struct fdb *f, const void *mac)
{
    struct hnode *n = htab_find(&f->tab, fdb_hash(f, mac), fdb_same, mac);
    return n ? container_of(n, struct fdb_entry, node) : NULL;
}

/* Softirq. The station is at that port now; what cannot be learnt is counted. */
void fdb_learn(struct fdb *f, const void *mac, struct bridge_port *port, u32 tick);

/* ---- tasks ---- */
void fdb_set_ageing(struct fdb *f, u64 ns);
enum fdb_how { FDB_ADD, FDB_REPLACE }; /* -EEXIST when it is there; as it shall be, whatever was there */
int fdb_set(struct fdb *f, const struct macaddr *mac, struct bridge_port *port, enum fdb_kind kind, u8 flags,
            enum fdb_how how);                                                       /* -ENOMEM, -ENOSPC likewise */
int fdb_del(struct fdb *f, const struct macaddr *mac, struct bridge_port *port);     /* -ENOENT */
void fdb_walk(struct fdb *f, void (*fn)(struct fdb_entry *e, void *arg), void *arg); /* as a reader */

/* Those that `which` says, out. Any context but an interrupt's. */
typedef bool fdb_which(const struct fdb_entry *e, const void *arg);
void fdb_flush(struct fdb *f, fdb_which *which, const void *arg);

#endif
