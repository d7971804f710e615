/* Probes (contract: probe.h). All is written by the CPU on which the probe travels; who asked reads it afterwards. */
#include "net/skb/probe.h"

#include "lib/fmt.h"
#include "lib/string.h"

static struct skb_probe *probe_of(const struct skb *s)
{
    return s->flags & SKB_PROBE ? s->buf->probe : NULL;
}

void probe_begin(struct skb *s, struct skb_probe *p)
{
    s->flags |= SKB_PROBE;
    s->buf->probe = p;
}

void probe_note(const struct skb *s, const char *stage, const char *f, ...)
{
    struct skb_probe *p = probe_of(s);
    if (!p)
        return;
    if (p->notes == PROBE_NOTES) {
        p->lost++;
        return;
    }
    struct probe_note *n = &p->note[p->notes++];
    va_list ap;
    str_copy(n->stage, sizeof(n->stage), stage);
    va_start(ap, f);
    fmt_v(n->text, sizeof(n->text), f, ap);
    va_end(ap);
}

bool probe_again(const struct skb *s)
{
    return probe_of(s)->rounds++ < PROBE_ROUNDS;
}

static void end(const struct skb *s, enum probe_fate fate, enum drop_reason why, const char *port)
{
    struct skb_probe *p = probe_of(s);
    struct probe_end *e = p->ends ? &p->end[p->ends - 1] : NULL;

    if (!e || e->fate != fate || e->why != why || !str_eq(e->port, port)) {
        if (p->ends == PROBE_ENDS) {
            p->lost++;
            return;
        }
        e = &p->end[p->ends++];
        e->fate = fate;
        e->why = why;
        str_copy(e->port, sizeof(e->port), port);
    }
    e->packets++;
    e->bytes += s->len;
}

void probe_sent(struct skb *s, const char *port)
{
    end(s, PROBE_SENT, DROP_NOT, port);
    skb_free(s);
}

void probe_delivered(struct skb *s, const char *port)
{
    end(s, PROBE_DELIVERED, DROP_NOT, port);
    skb_free(s);
}

void probe_dropped(const struct skb *s, enum drop_reason why, const char *port)
{
    end(s, PROBE_DROPPED, why, port);
}
