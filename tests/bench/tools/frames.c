/* frames - sends UDP frames out of one packet socket and counts what comes in at another (tests/bench/frames.py).
 *
 *     frames -i FD -o FD -m MAC -M MAC -s SRC -d DST [-l BYTES] [-f FLOWS] [-r PPS] [-w WINDOW] [-t SECONDS]
 *            [-n FRAMES] [-a FILE] [-k KIND -p MS]
 *
 * -i where they go into what is measured, -o where they come out; -m to whom, -M from whom. With -r an open loop: so
 * many a second, whatever becomes of them. With -w a closed one: WINDOW frames in one call, the next when all have come
 * or when nothing has for 50 ms; so the measured thing never meets more than WINDOW at a time, however slow the machine
 * is. With both, the closed loop does not go faster than the rate. BYTES are those on a wire, the 4 of the checksum
 * included, 64 or 84 at least; IPv4 or IPv6, by what SRC is. Flow k has source port 10000 + k; one frame of each in
 * turn. -a: IPv4 destinations in place of DST, one after another; FILE has 4 bytes of each. Always bounded, by -t
 * (default 2, at most 60) and -n. When all are sent, it waits until nothing has come for 200 ms.
 *
 * With -k a flood of frames of a kind (kinds.c), with -r, and every -p ms a ping of either family: from 10.1.0.2
 * to 10.2.0.2 and from 2001:db8:1::2 to 2001:db8:2::2, whose answers come in by -o. Afterwards it waits until each that
 * the interface took is answered, or 2 s. Prints `sent=N refused=N pings=N pings_refused=N answered=N seconds=S`.
 *
 * Prints `sent=N refused=N received=N lost=N again=N reordered=N seconds=S`. refused: the interface took no more;
 * reordered is judged within a flow. */
#define _GNU_SOURCE
#include "tests/bench/tools/kinds.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH     64
#define FLOWS     (65536 - PORT_BASE)
#define FRAME     FRAME_MOST
#define NS        1000000000ull
#define PORT      9
#define PORT_BASE 10000
#define MAGIC     0x5750
#define HEAD_4    (14 + 20)
#define HEAD_6    (14 + 40)
#define SHORTEST  (want.head + (unsigned)sizeof(struct tail) + 4)
#define SLOW      20000 /* frames a second below which each goes out at its own time */

struct note { /* the payload: 18 bytes are all that a frame of 64 holds */
    uint16_t magic;
    uint64_t seq, run;
} __attribute__((packed));

struct tail {
    struct udphdr udp;
    struct note note;
} __attribute__((packed, may_alias));

struct frame {
    struct ether_header eth;
    uint8_t rest[FRAME - 14];
} __attribute__((packed));

struct batch {
    struct frame frame[BATCH];
    struct iovec iov[BATCH];
    struct mmsghdr msg[BATCH];
};

static struct {
    const char *mac, *own_mac, *src, *dst;
    int in, out;
    unsigned length, flows, window, head; /* head: the bytes before a tail */
    double rate, seconds, ping_ms;
    uint64_t frames;
    const char *addresses;
    kind_fill *kind;
} want = {.in = -1, .out = -1, .flows = 1, .seconds = 2, .frames = UINT64_MAX};

static struct {
    uint64_t sent, refused, received, again, reordered;
    uint64_t pings, pings_refused;
} count;

static struct batch out, in;
static uint64_t run;            /* which of the runs: frames of an earlier one may still be on their way */
static uint64_t next_of[FLOWS]; /* per flow: above the highest number that came */

static struct {
    uint32_t *at;
    size_t n;
} address; /* of -a */

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "frames: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- what is sent ---- */

static uint16_t ip_sum(const void *header)
{
    uint16_t word[10];
    uint32_t sum = 0;

    memcpy(word, header, sizeof word);
    for (int i = 0; i < 10; i++)
        sum += word[i];
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

static void read_mac(uint8_t *mac, const char *text)
{
    unsigned m[6];

    if (sscanf(text, "%x:%x:%x:%x:%x:%x", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6) {
        errno = EINVAL;
        die(text);
    }
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)m[i];
}

/* What stands behind the IP header. */
static struct tail *tail_of(const struct frame *f)
{
    return (struct tail *)((uint8_t *)f + want.head);
}

static void build_4(struct frame *f)
{
    struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};

    f->eth.ether_type = htons(ETHERTYPE_IP);
    ip.tot_len = htons((uint16_t)(want.length - 18));
    ip.saddr = inet_addr(want.src);
    ip.daddr = inet_addr(want.dst);
    ip.check = ip_sum(&ip);
    memcpy(f->rest, &ip, sizeof ip);
}

/* A sum in UDP, which IPv6 wants, is none of a router's business. */
static void build_6(struct frame *f)
{
    struct ip6_hdr ip = {.ip6_flow = htonl(0x60000000), .ip6_hlim = 64, .ip6_nxt = IPPROTO_UDP};

    f->eth.ether_type = htons(ETHERTYPE_IPV6);
    ip.ip6_plen = htons((uint16_t)(want.length - 58));
    if (inet_pton(AF_INET6, want.src, &ip.ip6_src) != 1 || inet_pton(AF_INET6, want.dst, &ip.ip6_dst) != 1) {
        errno = EINVAL;
        die(want.src);
    }
    memcpy(f->rest, &ip, sizeof ip);
}

static void build(void)
{
    struct frame f = {0};

    read_mac(f.eth.ether_dhost, want.mac);
    read_mac(f.eth.ether_shost, want.own_mac);
    want.head == HEAD_6 ? build_6(&f) : build_4(&f);
    *tail_of(&f) = (struct tail){.udp = {.dest = htons(PORT), .len = htons((uint16_t)(want.length - 4 - want.head))},
                                 .note = {.magic = MAGIC, .run = run}};
    for (int i = 0; i < BATCH; i++) {
        out.frame[i] = f;
        out.iov[i] = (struct iovec){&out.frame[i], want.length - 4};
        in.iov[i] = (struct iovec){&in.frame[i], FRAME};
        out.msg[i].msg_hdr = (struct msghdr){.msg_iov = &out.iov[i], .msg_iovlen = 1};
        in.msg[i].msg_hdr = (struct msghdr){.msg_iov = &in.iov[i], .msg_iovlen = 1};
    }
}

static void read_addresses(void)
{
    FILE *f = fopen(want.addresses, "rb");
    long size = 0;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 4 || fseek(f, 0, SEEK_SET) ||
        !(address.at = malloc((size_t)size)))
        die(want.addresses);
    address.n = fread(address.at, 4, (size_t)size / 4, f);
    fclose(f);
}

/* The IPv4 header changes in its destination and its sum. */
static void address_to(struct frame *f, uint32_t to)
{
    struct iphdr ip;

    memcpy(&ip, f->rest, sizeof ip);
    ip.daddr = to;
    ip.check = 0;
    ip.check = ip_sum(&ip);
    memcpy(f->rest, &ip, sizeof ip);
}

/* ---- sending and counting ---- */

static void offer(unsigned n)
{
    for (unsigned done = 0; done < n;) {
        int r = sendmmsg(want.in, out.msg + done, n - done, 0);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0 && errno != ENOBUFS && errno != EAGAIN)
            die("send");
        count.refused += r < 0;
        done += r < 0 ? 1 : (unsigned)r; /* one that is refused was offered, and is lost */
    }
    count.sent += n;
}

static void send_some(unsigned n)
{
    if (n > want.frames - count.sent)
        n = (unsigned)(want.frames - count.sent);
    for (unsigned i = 0; i < n; i++) {
        uint64_t seq = count.sent + i;
        struct tail *t = tail_of(&out.frame[i]);
        t->udp.source = htons((uint16_t)(PORT_BASE + seq % want.flows));
        t->note.seq = seq;
        if (address.n)
            address_to(&out.frame[i], address.at[seq % address.n]);
    }
    offer(n);
}

static void take(const struct frame *f, unsigned length)
{
    const struct note *note = &tail_of(f)->note;
    if (length < want.head + sizeof(struct tail) || note->magic != MAGIC || note->run != run || note->seq >= count.sent)
        return;
    uint64_t *next = &next_of[note->seq % want.flows];
    count.received++;
    if (note->seq >= *next)
        *next = note->seq + 1;
    else if (note->seq + 1 == *next)
        count.again++;
    else
        count.reordered++;
}

/* Takes in what has come; how many. */
static unsigned receive(void)
{
    uint64_t before = count.received;
    int r;

    while ((r = recvmmsg(want.out, in.msg, BATCH, MSG_DONTWAIT, NULL)) > 0)
        for (int i = 0; i < r; i++)
            take(&in.frame[i], in.msg[i].msg_len);
    return (unsigned)(count.received - before);
}

/* The same, waiting until `ns` have gone by without a frame, or `most` have come. */
static void receive_until_quiet(uint64_t ns, uint64_t most)
{
    uint64_t quiet = now() + ns;

    for (uint64_t t; most && (t = now()) < quiet;) {
        struct timespec left = {0, (long)(quiet - t)};
        struct pollfd p = {want.out, POLLIN, 0};
        ppoll(&p, 1, &left, NULL);
        uint64_t n = receive();
        if (n)
            quiet = now() + ns;
        most -= n < most ? n : most;
    }
}

static void send_and_count(uint64_t began)
{
    unsigned batch = want.window ? want.window : want.rate < SLOW ? 1 : BATCH / 2;
    uint64_t end = began + (uint64_t)(want.seconds * NS);

    for (uint64_t t; (t = now()) < end && count.sent < want.frames;) {
        uint64_t due = want.rate > 0 ? began + (uint64_t)((double)count.sent * NS / want.rate) : t;
        if (due > t) {
            receive();
            struct timespec until = {(time_t)(due / NS), (long)(due % NS)};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
            continue;
        }
        send_some(batch);
        if (want.window)
            receive_until_quiet(NS / 20, want.window);
    }
}

/* ---- a flood, and pings beside it ---- */

static struct ends flood_ends, ping_ends[2];
static bool answered[2][65536]; /* by family and seq */

static void read_ends(struct ends *e, const char *src, const char *dst)
{
    int af = strchr(src, ':') ? AF_INET6 : AF_INET;
    read_mac(e->to, want.mac);
    read_mac(e->from, want.own_mac);
    e->v6 = af == AF_INET6;
    if (inet_pton(af, src, e->src) != 1 || inet_pton(af, dst, e->dst) != 1) {
        errno = EINVAL;
        die(src);
    }
}

static bool send_one(const void *f, unsigned n)
{
    while (send(want.in, f, n, 0) < 0) {
        if (errno == ENOBUFS || errno == EAGAIN)
            return false;
        if (errno != EINTR)
            die("send");
    }
    return true;
}

static void send_pings(void)
{
    uint8_t f[FRAME];
    for (int i = 0; i < 2; i++, count.pings++)
        count.pings_refused += !send_one(f, ping_fill(f, &ping_ends[i], (uint16_t)run, (uint16_t)(count.pings / 2)));
}

static void send_flood(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out.iov[i].iov_len = want.kind((uint8_t *)&out.frame[i], &flood_ends, count.sent + i);
    offer(n);
}

static void receive_answers(void)
{
    bool v6;
    uint16_t seq;
    int r;

    while ((r = recvmmsg(want.out, in.msg, BATCH, MSG_DONTWAIT, NULL)) > 0)
        for (int i = 0; i < r; i++)
            if (ping_answers((uint8_t *)&in.frame[i], in.msg[i].msg_len, (uint16_t)run, &v6, &seq) &&
                !answered[v6][seq]) {
                answered[v6][seq] = true;
                count.received++;
            }
}

static void flood(uint64_t began)
{
    uint64_t end = began + (uint64_t)(want.seconds * NS), ping_ns = (uint64_t)(want.ping_ms * 1e6);
    uint64_t pings = 0;

    for (uint64_t t; (t = now()) < end;) {
        uint64_t ping_due = began + pings * ping_ns;
        uint64_t due = began + (uint64_t)((double)count.sent * NS / want.rate), next = due < ping_due ? due : ping_due;
        if (next > t) {
            receive_answers();
            struct timespec until = {(time_t)(next / NS), (long)(next % NS)};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
            continue;
        }
        if (ping_due <= t) {
            send_pings();
            pings++;
        }
        if (due <= t)
            send_flood(want.rate < SLOW ? 8 : BATCH / 2);
    }
}

static int run_flood(void)
{
    read_ends(&flood_ends, want.src, want.dst);
    read_ends(&ping_ends[0], "10.1.0.2", "10.2.0.2");
    read_ends(&ping_ends[1], "2001:db8:1::2", "2001:db8:2::2");
    build();
    uint64_t began = now();
    flood(began);
    uint64_t ended = now();
    while (count.received < count.pings - count.pings_refused && now() < ended + 2 * NS) {
        struct pollfd p = {want.out, POLLIN, 0};
        poll(&p, 1, 100);
        receive_answers();
    }
    printf("sent=%llu refused=%llu pings=%llu pings_refused=%llu answered=%llu seconds=%.3f\n",
           (unsigned long long)count.sent, (unsigned long long)count.refused, (unsigned long long)count.pings,
           (unsigned long long)count.pings_refused, (unsigned long long)count.received, (double)(ended - began) / NS);
    return 0;
}

static int words(int argc, char **argv)
{
    int o;

    while ((o = getopt(argc, argv, "i:o:m:M:s:d:l:f:r:w:t:n:a:k:p:")) != -1)
        switch (o) {
        case 'i': want.in = (int)strtol(optarg, NULL, 10); break;
        case 'o': want.out = (int)strtol(optarg, NULL, 10); break;
        case 'm': want.mac = optarg; break;
        case 'M': want.own_mac = optarg; break;
        case 's': want.src = optarg; break;
        case 'd': want.dst = optarg; break;
        case 'l': want.length = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'f': want.flows = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'r': want.rate = strtod(optarg, NULL); break;
        case 'w': want.window = (unsigned)strtoul(optarg, NULL, 0); break;
        case 't': want.seconds = strtod(optarg, NULL); break;
        case 'n': want.frames = strtoull(optarg, NULL, 0); break;
        case 'a': want.addresses = optarg; break;
        case 'k': want.kind = kind_named(optarg); break;
        case 'p': want.ping_ms = strtod(optarg, NULL); break;
        default: return -1;
        }
    if (want.kind ? want.ping_ms <= 0 || want.rate <= 0 : want.ping_ms > 0)
        return -1;
    want.head = want.src && strchr(want.src, ':') ? HEAD_6 : HEAD_4;
    if (!want.length)
        want.length = SHORTEST;
    return optind == argc && want.in >= 0 && want.out >= 0 && want.mac && want.own_mac && want.src && want.dst &&
                   want.length >= SHORTEST && want.length <= FRAME + 4 && want.flows && want.flows <= FLOWS &&
                   want.window <= BATCH && !(want.addresses && want.head == HEAD_6) && (want.rate > 0 || want.window) &&
                   want.seconds > 0 && want.seconds <= 60
               ? 0
               : -1;
}

int main(int argc, char **argv)
{
    if (words(argc, argv)) {
        fprintf(stderr, "frames: bad arguments; see the head of tests/bench/tools/frames.c\n");
        return 2;
    }
    run = now();
    if (want.addresses)
        read_addresses();
    if (want.kind)
        return run_flood();
    build();
    uint64_t began = now();
    send_and_count(began);
    double seconds = (double)(now() - began) / NS;
    receive_until_quiet(NS / 5, UINT64_MAX);
    uint64_t whole = count.received - count.again;
    printf("sent=%llu refused=%llu received=%llu lost=%llu again=%llu reordered=%llu seconds=%.3f\n",
           (unsigned long long)count.sent, (unsigned long long)count.refused, (unsigned long long)count.received,
           (unsigned long long)(count.sent - whole), (unsigned long long)count.again,
           (unsigned long long)count.reordered, seconds);
    return 0;
}
