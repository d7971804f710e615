/* Any ICMP errors and redirects of both families, one after the other, to a machine that has an endpoint of UDP and
 * routes by gateways: what they quote is read, and what they teach is bounded. Nothing crashes, no bound is passed.
 *
 * A byte of switches, then of each message a byte of family, addresses and time, one of its type, one of its code, one
 * by how many units of 4 bytes it is, and its bytes behind the checksum. What is quoted of it is made to be of this
 * machine where a bit says so, so that it is looked at further. 1500 inputs in make test. */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/parse.h"
#include "net/ip/exception.h"
#include "net/sock/sock.h"
#include "net/wire/ip4.h"
#include "tests/fuzz/lan.h"

#define MOST 508u

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void type(const char *line)
{
    char text[100], *words[16];
    struct out null;
    struct cmd_ctx c = {.net = net, .out = &null, .err = &null, .argv = words};
    out_null_init(&null);
    str_copy(text, sizeof(text), line);
    c.argc = (int)parse_words(text, words, ARRAY_LEN(words));
    cmd_find(c.argc, words, &c.words);
    cmd_run(&c);
}

/* An IPv4 packet of ICMP from the gateway or from somebody else; its checksums are put right. */
static void send4(u8 *icmp, u32 n, u8 how)
{
    u8 frame[ETH_HLEN + IP4_HLEN + MOST];
    struct eth_hdr e = {{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, be16_of(ETH_IP4)};
    struct ip4_hdr h = {.ver_ihl = 0x45,
                        .len = be16_of((u16)(n + IP4_HLEN)),
                        .ttl = 64,
                        .proto = IP_ICMP,
                        .src = {10, 0, 0, how & 4 ? 2 : 3},
                        .dst = {10, 0, 0, 1}};
    h.check = csum_fold(csum_bytes(&h, sizeof(h)));
    store_be16(icmp + 2, 0);
    be16 check = csum_fold(csum_bytes(icmp, n));
    memcpy(icmp + 2, &check, 2);
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + ETH_HLEN, &h, sizeof(h));
    memcpy(frame + ETH_HLEN + IP4_HLEN, icmp, n);
    lan_frame(frame, ETH_HLEN + IP4_HLEN + n, lan_ms(how));
}

/* It is ours, and of the endpoint, as far as it is there. */
static void make_ours(u8 *m, u32 n, bool v6)
{
    static const struct ipaddr six = {{0x20, 1, 0xd, 0xb8, [15] = 1}};
    u32 at = v6 && m[0] == 137 ? 48 : 8, header = v6 ? IP6_HLEN : IP4_HLEN;
    if (n < at + header + 8)
        return;
    m[at] = v6 ? 0x60 : 0x45;
    m[at + (v6 ? 6 : 9)] = IP_UDP;
    if (v6)
        memcpy(m + at + 8, &six, 16);
    else
        memcpy(m + at + 12, "\x0a\0\0\x01", 4);
    store_be16(m + at + header, 4000);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const u8 types4[] = {3, 3, 5, 11, 12, 4, 0, 13}, types6[] = {1, 2, 3, 4, 137, 137, 2, 129};
    struct sock_how how = {.kind = SOCK_UDP, .port = 4000};
    struct sock *k;
    if (!n)
        return 0;
    lan_begin(*p++);
    type("ip route add 10.0.0.0/8 via 10.0.0.2 dev eth0");
    type("ip -6 route add 2001:db8:9::/48 via fe80::2 dev eth0");
    if (sock_open(net, &how, &k))
        panic("no endpoint");
    for (n--; n > 4;) {
        u8 m[MOST] = {0};
        bool v6 = p[0] & 0x80;
        u32 len = (u32)min(min(n - 4, (size_t)p[3] * 4), (size_t)MOST - 4);
        m[0] = v6 ? types6[p[1] & 7] : types4[p[1] & 7];
        m[1] = p[2];
        memcpy(m + 4, p + 4, len);
        if (p[1] & 0x40)
            make_ours(m, len + 4, v6);
        if (v6)
            lan_icmp6(m, len + 4, p[0], p[1] & 0x80 ? 64 : 255);
        else
            send4(m, len + 4, p[0]);
        p += 4 + len;
        n -= 4 + len;
    }
    if (exception_count(net) > EXCEPTIONS_MOST)
        panic("more exceptions than the bound");
    sock_close(k);
    type("ip route del 10.0.0.0/8 via 10.0.0.2");
    type("ip -6 route del 2001:db8:9::/48 via fe80::2");
    lan_end();
    if (exception_count(net))
        panic("an exception by a device that is down");
    return 0;
}
