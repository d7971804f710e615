/* Devices that `ip link add` makes: the table of their types, which upper files enter (a file each, in net/link/).
 *
 *     LINK_TYPE(dummy, .name = "dummy", .add = dummy_add, .del = dummy_del);
 *
 *     ip link add [link IF] [name] NAME [settings] type NAME [words of the type]
 *
 * Of a line the words are read first, those of the type by its own `words`; then, under conf_lock, `add` makes the
 * device and enters it by the name (link_name), down; settings follow as in `ip link set`. What it says of itself: in
 * `ip -d link` (show), in the dump (dump: the words that would make it again).
 */
#ifndef NET_DEV_LINK_TYPE_H
#define NET_DEV_LINK_TYPE_H

#include "lib/iproute.h"
#include "net/dev/netdev.h"

#define LINK_WORDS 320u /* bytes that a type's words may become */

struct link_request {
    const char *name;   /* NULL: the type's, with the first number that is free */
    const char *lower;  /* "link IF"; NULL: not given */
    const char *master; /* likewise */
    struct netdev *on;  /* that one, found; NULL likewise */
    struct macaddr mac; /* zero: not given */
    i64 mtu, qlen;      /* below 0: not given */
    bool up;
    const struct link_type *type;
    u64 own[LINK_WORDS / sizeof(u64)]; /* what the type's words became; zeroed before */
};

struct link_type {
    const char *name;
    const char *usage; /* of its words; NULL: it has none */
    /* (optional) The words behind "type NAME", all of them, into own; ip_fail and the like say what is wrong. */
    void (*words)(struct ip_words *w, void *own);
    /* (required) Makes it and adds it (netdev_add) with kind set: 0 and *made, or -errno; `why`, if it sets that, says
     * more than the number. Task, conf_lock. */
    int (*add)(struct net *net, const struct link_request *q, struct netdev **made, const char **why);
    void (*del)(struct netdev *dev);                                  /* (required) down, out, gone; likewise */
    void (*show)(const struct ip_words *w, const struct netdev *dev); /* (optional) behind its name, with -d */
    void (*dump)(struct out *o, struct net *net,
                 const struct netdev *dev);      /* behind "ip link add"; NULL: its name and type */
    bool (*made_with)(const struct netdev *dev); /* (optional) by another's line: has none of its own in the dump */
    /* (optional) `ip link set IF type NAME ...`: what its words became, done to one that is there; likewise. */
    int (*set)(struct netdev *dev, const void *own, const char **why);
    /* (optional, all or none) Devices of this type take others as their ports: net/dev/master.h. `take` ends in
     * master_set, `let_go` in master_clear; show_port says with -d what is known of a port. */
    int (*take)(struct netdev *master, struct netdev *dev, const char **why);
    void (*let_go)(struct netdev *dev);
    void (*show_port)(const struct ip_words *w, struct netdev *dev);
};
#define LINK_TYPE(id, ...)                                        \
    static const struct link_type link_type_##id = {__VA_ARGS__}; \
    SET_ADD(link_type, link_type_##id)

const struct link_type *link_type_find(const char *name);                     /* NULL: there is none */
const char *link_name(const struct link_request *q, char pattern[PORT_NAME]); /* for netdev_add */
void link_del(struct netdev *dev);                                            /* one that has a kind; task, conf_lock */
void link_del_all(struct net *net);                                           /* before the net goes; likewise */

/* ---- `ip link add`: net/dev/link_add.c ---- */
int link_add(struct ip_words *w); /* the words from here on, and the act: the status */
void link_add_dump(struct out *o, struct net *net,
                   const struct netdev *dev); /* the line that makes it, if there is one */

#endif
