/* One neighbour as iproute2 shows it (contract: neigh_show.h).
 *
 * It is shown from a copy: a neighbour changes and goes while somebody reads slowly. Ages are in seconds, since it was
 * last used, confirmed and updated; its references are those that others than the table hold.
 */
#include "net/ip/neigh_show.h"

#include "lib/string.h"
#include "net/ip/addr.h"

static const struct {
    u8 state;
    const char *name, *word;
} states[] = {{NUD_INCOMPLETE, "INCOMPLETE", "incomplete"},
              {NUD_REACHABLE, "REACHABLE", "reachable"},
              {NUD_STALE, "STALE", "stale"},
              {NUD_DELAY, "DELAY", "delay"},
              {NUD_PROBE, "PROBE", "probe"},
              {NUD_FAILED, "FAILED", "failed"},
              {NUD_NOARP, "NOARP", "noarp"},
              {NUD_PERMANENT, "PERMANENT", "permanent"}};

const char *neigh_state_name(u8 state)
{
    for (unsigned i = 0; i < ARRAY_LEN(states); i++)
        if (states[i].state == state)
            return states[i].name;
    return NULL;
}

bool neigh_state_of(const char *word, u8 *state)
{
    if (str_eq(word, "all") || str_eq(word, "none")) {
        *state = *word == 'a' ? 0xff : 0;
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LEN(states); i++)
        if (str_eq(word, states[i].word)) {
            *state = states[i].state;
            return true;
        }
    return false;
}

void neigh_copy(struct neigh_shown *to, const struct neigh *n)
{
    *to = (struct neigh_shown){.addr = n->addr,
                               .mac = n->header.dst,
                               .index = n->dev->port.index,
                               .state = load_acquire(&n->state),
                               .flags = n->flags,
                               .refs = load_relaxed(&n->refs) - 1, /* the table's own apart */
                               .probes = load_relaxed(&n->probes),
                               .used = load_relaxed(&n->used),
                               .confirmed = load_relaxed(&n->confirmed),
                               .updated = load_relaxed(&n->updated)};
    str_copy(to->dev, sizeof(to->dev), n->dev->port.name);
}

static u64 seconds_since(u64 then)
{
    u64 now = clock_ns();
    return now > then ? (now - then) / NS_PER_S : 0;
}

static void show_stats(struct out *o, const struct neigh_shown *s)
{
    if (s->refs)
        out_u64(o, "refcnt", " ref %llu", s->refs);
    out_u64(o, "used", " used %llu", seconds_since(s->used));
    out_u64(o, "confirmed", "/%llu", seconds_since(s->confirmed));
    out_u64(o, "updated", "/%llu", seconds_since(s->updated));
    out_u64(o, "probes", "probes %llu ", s->probes);
}

void neigh_show(const struct ip_words *w, const struct neigh_shown *s, bool hide_dev, bool deleted)
{
    struct out *o = w->c->out;
    const char *state = neigh_state_name(s->state);

    out_object(o, NULL);
    if (deleted)
        out_bool(o, "deleted", "Deleted ", true);
    out_fmt(o, "dst", "%pI", &s->addr);
    out_text(o, " ");
    if (!hide_dev)
        out_str(o, "dev", "dev %s ", s->dev);
    if ((s->state & NUD_KNOWN) && !(s->state == NUD_NOARP && mac_is_zero(&s->mac))) {
        out_text(o, "lladdr ");
        out_fmt(o, "lladdr", "%pM", &s->mac);
        out_text(o, " ");
    }
    if (s->flags & NEIGH_ROUTER) {
        out_text(o, "router ");
        out_null(o, "router");
    }
    if (w->stats)
        show_stats(o, s);
    out_array(o, "state");
    if (state)
        out_str(o, NULL, "%s ", state);
    out_end(o);
    out_text(o, "\n");
    out_end(o);
}
