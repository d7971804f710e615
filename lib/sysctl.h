/* Tunables: one line of data beside the variable, seen as /proc/sys/... and by the command sysctl, by Linux's names.
 *
 *     SYSCTL(ip_forward, .name = "net.ipv4.ip_forward", SYSCTL_NET(ip_net, struct ip_net, forward), .high = 1,
 *            .help = "forward packets between interfaces");
 *     SYSCTL(panic, .name = "kernel.panic", SYSCTL_GLOBAL(panic_seconds), .low = -1, .high = 3600, .help = "...");
 *     SYSCTL(tcp_rmem, .name = "net.ipv4.tcp_rmem", SYSCTL_NET(tcp_net, struct tcp_net, rmem), .type = SYSCTL_NUMBERS,
 *            .count = 3, .low = 1, .high = INT_MAX, .text = "4096\t131072\t6291456", .help = "...");
 *     SYSCTL(rp_filter, .name = "net.ipv4.conf.*.rp_filter", SYSCTL_PER(struct ip_conf, rp_filter), .place =
 * conf_place, .list = conf_list, .high = 2, .help = "...");
 *
 * Numbers are of any width, taken by their size; readers on the packet path read them plainly (a change is one store).
 * In a struct net the default is put in before any slot's init; a global has it as its initialiser, which a test
 * compares. What is kept in nanoseconds and shown in seconds has .unit = NS_PER_S. Reading and writing is for tasks;
 * check, store and changed are called under conf_lock.
 */
#ifndef LIB_SYSCTL_H
#define LIB_SYSCTL_H

#include "lib/base.h"
#include "lib/net.h"
#include "lib/out.h"
#include "lib/set.h"

enum sysctl_type {
    SYSCTL_NUMBER,
    SYSCTL_NUMBERS, /* several, shown with tabs between: .count; writing fewer leaves the others, as on Linux */
    SYSCTL_STRING,  /* a char array of up to 256, which .text fills at first; cut to its size as Linux's are */
    SYSCTL_CALL,    /* .show and .store alone */
};

enum sysctl_access { SYSCTL_RW, SYSCTL_RO, SYSCTL_WO };

struct sysctl {
    const char *name, *help;
    enum sysctl_type type;
    enum sysctl_access access;
    void *global;      /* the variable, or */
    const u32 *slot;   /* its slot in struct net */
    u32 offset, width; /* and where in there; width: bytes of the whole variable */
    u32 count;
    i64 low, high;    /* of what is shown; both 0: 0 .. INT_MAX */
    u64 unit;         /* stored = shown * unit; 0 is 1 */
    i64 def;          /* the default as it is shown, */
    const char *text; /* or as text, for strings and several numbers */
    bool alias;       /* a second name of a variable: the dump tells it by the first */

    /* One part of the name may be "*": place gives the block for that name (NULL: there is none), list tells all. */
    void *(*place)(struct net *net, const char *star);
    void (*list)(struct net *net, void (*offer)(void *arg, const char *name), void *arg);

    /* Asked before a new value is put in (may be NULL): 0 or -errno. Told after it was (may be NULL). */
    int (*check)(struct net *net, const char *star, i64 value);
    void (*changed)(struct net *net, const char *star);

    int (*show)(struct net *net, const char *star, struct out *o); /* SYSCTL_CALL: without a newline at the end */
    int (*store)(struct net *net, const char *star, const char *text);
};

#define SYSCTL(id, ...)                                             \
    static const struct sysctl sysctl_##id##_entry = {__VA_ARGS__}; \
    SET_ADD(sysctl, sysctl_##id##_entry)

#define SYSCTL_GLOBAL(var)                .global = &(var), .width = sizeof(var)
#define SYSCTL_PER(type, member)          .offset = offsetof(type, member), .width = sizeof(((type *)0)->member)
#define SYSCTL_NET(slot_id, type, member) .slot = &net_slot_##slot_id##_offset, SYSCTL_PER(type, member)

/* `name` as typed, "net.ipv4.ip_forward" or with slashes; 0 or -errno as from /proc/sys: -ENOENT, -EACCES, -EINVAL. */
int sysctl_get(struct net *net, const char *name, struct out *o); /* the value, without a newline */
int sysctl_set(struct net *net, const char *name, const char *text);

/* Each one that is not as it was at first: fn gets the name with '.' and the text. First those that are kept, then
 * those that act when they are written (SYSCTL_CALL), which go by what is kept then; both in the order of names. */
void sysctl_each_changed(struct net *net, const char *late, void (*fn)(void *arg, const char *name, const char *value),
                         void *arg);

/* What a command makes has no tunables before: theirs ("net.ipv4.conf.br0.rp_filter") belong in the dump behind that
 * command, which tells them by sysctl_dump_late, and are left out before; so `late` above: one such name, or NULL for
 * all but those. They are told where they differ from those of "default", with which the new one begins. */
struct sysctl_late {
    bool (*is)(struct net *net, const char *star);
};
#define SYSCTL_LATE(id, fn)                                          \
    static const struct sysctl_late sysctl_late_##id##_entry = {fn}; \
    SET_ADD(sysctl_late, sysctl_late_##id##_entry)
void sysctl_dump_late(struct net *net, const char *star, struct out *o);

/* A string variable as a whole, while another task may be writing it. */
void sysctl_string(char *to, size_t size, const char *var);

#define SYSCTL_NAME_MAX  128
#define SYSCTL_VALUE_MAX 1024
/* "net.ipv4.conf.eth0/10.rp_filter" to "net/ipv4/conf/eth0.10/rp_filter", and back again: whichever of . and / comes
 * first is what parts the name; the other stands for itself. */
int sysctl_path(char path[SYSCTL_NAME_MAX], const char *name);
void sysctl_name(char name[SYSCTL_NAME_MAX], const char *path);

#endif
