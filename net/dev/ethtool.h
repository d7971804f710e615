/* Internal to net/dev. */
/* One call of ethtool, and what each of its files answers: texts and statuses are those of ethtool 6.1 over netlink. */
#ifndef NET_DEV_ETHTOOL_H
#define NET_DEV_ETHTOOL_H

#include "lib/cmd.h"
#include "net/dev/netdev.h"

struct ethtool {
    struct cmd_ctx *c;
    const char *option; /* "-K" */
    struct netdev *dev; /* held; who changes it holds conf_lock */
    char **word;        /* behind the device's name */
    int words;
};

struct ethtool_param { /* "rx-usecs 50", "adaptive-rx on" */
    const char *name;
    bool is_switch;
    i64 *to;             /* NULL: no device here has it, and it is refused */
    const char *refusal; /* by these words */
};

int ethtool_error(struct ethtool *e, int status, const char *fmt, ...) PRINTF(3, 4); /* a line; returns the status */
int ethtool_netlink(struct ethtool *e, int status, const char *why, unsigned nth, int err);    /* why NULL: err alone */
int ethtool_params(struct ethtool *e, const struct ethtool_param *p, unsigned n, int refused); /* 0 or the status */

/* ---- ethtool_show.c ---- */
int ethtool_settings(struct ethtool *e);
int ethtool_driver(struct ethtool *e);
int ethtool_stats(struct ethtool *e);
int ethtool_permaddr(struct ethtool *e);

/* ---- ethtool_feature.c, ethtool_param.c ---- */
int ethtool_features(struct ethtool *e);
int ethtool_set_features(struct ethtool *e);
int ethtool_coalesce(struct ethtool *e);
int ethtool_set_coalesce(struct ethtool *e);
int ethtool_pause(struct ethtool *e);
int ethtool_set_pause(struct ethtool *e);
int ethtool_rings(struct ethtool *e);
int ethtool_set_rings(struct ethtool *e);
int ethtool_channels(struct ethtool *e);
int ethtool_set_channels(struct ethtool *e);
void ethtool_dump_features(struct out *o, const struct netdev *dev);
void ethtool_dump_params(struct out *o, const struct netdev *dev);

/* ---- ethtool_rss.c ---- */
int ethtool_rxfh(struct ethtool *e);
int ethtool_set_rxfh(struct ethtool *e);
u32 ethtool_rss_most(const struct netdev *dev); /* the highest queue of a table that was asked for */
void ethtool_dump_rss(struct out *o, const struct netdev *dev);

/* ---- ethtool_nfc.c: asked even with e->dev NULL ---- */
int ethtool_nfc(struct ethtool *e);
int ethtool_set_nfc(struct ethtool *e);
void ethtool_dump_hash(struct out *o, const struct netdev *dev);

void ethtool_offer_features(void (*offer)(void *arg, const char *word), void *arg);

#endif
