/* Any frames at endpoints of UDP, ping and raw ICMP, errors about what they sent among them; and any lines as the words
 * of ping, traceroute, tracepath, arping, udhcpc and dhclient, on a machine that can reach nobody.
 *
 *     input: frames, each behind a byte that says what it is: 0 text until the end; else its length; bit 7: IPv6
 *
 * 3000 inputs in make test.
 */
#include "host/host.h"
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/updown.h"
#include "net/ip/header.h"
#include "net/ip/ifaddr.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "net/sock/sock.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int dev_open(struct netdev *dev)
{
    return 0;
}

static void dev_stop(struct netdev *dev)
{
}

static void dev_tx_all(struct netdev *dev, struct skbq *q)
{
    skbq_free(q);
}

static const struct netdev_ops ops = {.driver = "fuzz", .open = dev_open, .stop = dev_stop, .tx = dev_tx_all};
static struct net *net;
static struct netdev *dev;

static void plug(void)
{
    static const char *const own[] = {"10.1.0.1", "2001:db8::1"};
    net = net_first = net_bring_up();
    dev = net ? netdev_new(&ops, 0, 0, 0) : NULL;
    if (!dev)
        panic("no memory");
    dev->mac = (struct macaddr){{2, 0, 0, 0, 0, 1}};
    conf_enter();
    netdev_add(net, dev, "eth%u");
    netdev_carrier(dev, true);
    dev_up(dev);
    for (u8 i = 0; i < 2; i++) {
        struct ifaddr a = {.bits = i ? 64 : 24,
                           .flags = IFA_NODAD,
                           .valid_until = IFA_FOREVER,
                           .preferred_until = IFA_FOREVER,
                           .broadcast = ipaddr_of4(0, 0, 0, 0)};
        parse_addr(own[i], &a.addr, NULL);
        a.peer = a.addr;
        ifaddr_add(dev, &a);
    }
    conf_leave();
}

static void unplug(void)
{
    conf_enter();
    dev_down(dev);
    netdev_del(dev);
    conf_leave();
    host_run();
    net_take_down(net);
    host_run();
}

/* Addresses and what protects the header are right, so that the rest is looked at. */
static void arrive(const u8 *p, u32 n, bool v6)
{
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(net));
    u8 *frame = skb_put(s, 14 + n), *h = frame + 14;
    memcpy(frame, dev->mac.b, 6);
    memset(frame + 6, 2, 6);
    store_be16(frame + 12, v6 ? 0x86dd : 0x0800);
    memcpy(h, p, n);
    if (v6 && n >= 40) {
        h[0] = 0x60;
        store_be16(h + 4, (u16)(n - 40));
        memcpy(h + 8, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 32);
    } else if (!v6 && n >= 20) {
        h[0] = 0x45;
        store_be16(h + 2, (u16)n);
        memcpy(h + 12, "\x0a\x01\0\x02\x0a\x01\0\x01", 8);
        ((struct ip4_hdr *)h)->check = be16_of(0);
        ((struct ip4_hdr *)h)->check = csum_fold(csum_bytes(h, 20));
    }
    s->dev = &dev->port;
    s->cksum = CKSUM_VERIFIED;
    struct skbq q = {.n = 1, .p = {s}};
    dev_rx(dev, &q);
    softirq_on();
}

static void drain(struct sock *k)
{
    struct sock_from from;
    char got[100];
    while (sock_recv(k, got, sizeof(got), &from, 0) >= 0)
        if (from.error.err > 0)
            panic("an error of %d", from.error.err);
}

static void line(char *text)
{
    static const char *const known[] = {"ping", "ping6", "traceroute", "tracepath", "arping", "udhcpc", "dhclient"};
    char *words[24];
    struct out null;
    out_null_init(&null);
    struct cmd_ctx c = {.net = net, .out = &null, .err = &null, .argv = words};
    c.argc = (int)parse_words(text, words, ARRAY_LEN(words));
    const struct cmd *cmd = c.argc ? cmd_find(c.argc, words, &c.words) : NULL;
    for (unsigned i = 0; cmd && i < ARRAY_LEN(known); i++)
        if (str_eq(cmd->name, known[i]))
            cmd_run(&c);
}

static void lines(const u8 *p, size_t n)
{
    static char text[512];
    net = net_first = net_new(); /* without a device: whatever they are told, they end at once */
    for (const u8 *end = p + n; p < end;) {
        const u8 *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((nl ? nl : end) - p);
        if (len < sizeof(text)) {
            str_copy_n(text, sizeof(text), (const char *)p, len);
            line(text);
        }
        p += len + 1;
    }
    net_free(net);
    host_run();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const struct sock_how how[] = {{.kind = SOCK_UDP, .port = 0x4141, .errors = true},
                                          {.kind = SOCK_PING, .port = 0x4141, .errors = true},
                                          {.kind = SOCK_RAW, .port = IP_ICMP, .errors = true},
                                          {.kind = SOCK_RAW, .port = IP_UDP, .errors = true}};
    struct sock *k[ARRAY_LEN(how)];
    if (n && !p[0]) {
        lines(p + 1, n - 1);
        return 0;
    }
    plug();
    for (unsigned i = 0; i < ARRAY_LEN(how); i++)
        if (sock_open(net, &how[i], &k[i]))
            panic("no endpoint");
    while (n > 1) {
        u32 len = min((u32)(p[0] & 0x7f) * 4, (u32)n - 1);
        arrive(p + 1, len, p[0] >> 7);
        p += 1 + len;
        n -= 1 + len;
    }
    host_run();
    for (unsigned i = 0; i < ARRAY_LEN(how); i++) {
        drain(k[i]);
        sock_close(k[i]);
    }
    unplug();
    return 0;
}
