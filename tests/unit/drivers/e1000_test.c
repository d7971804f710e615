/* The e1000's coming up and going, its way in, and what may go wrong there: against a chip that behaves as QEMU's. */
#include "drivers/driver.h"
#include "lib/string.h"
#include "net/dev/napi.h"
#include "tests/unit/drivers/e1000_rig.h"
#include "tests/unit/with_conf.h"

static u8 frame[16384];

static u32 chip(u32 at)
{
    return rig_chip.reg[at / 4];
}

static bool arrive(u32 n, u32 mark, u64 flaw)
{
    return host_e1000_arrive(&rig_chip, frame, rig_frame(frame, n, mark), flaw);
}

static bool is_frame(struct skb *s, u32 n, u32 mark)
{
    u8 there[16384];
    rig_frame(frame, n, mark);
    return s->len == n && !skb_read(s, 0, there, n) && !memcmp(there, frame, n);
}

TEST(e1000_found_and_quiet)
{
    rig_bind();
    CHECK(rig_dev != NULL);
    CHECK_MEM(rig_dev->mac.b, rig_mac.b, 6);
    CHECK_MEM(rig_dev->perm_mac.b, rig_mac.b, 6);
    CHECK_EQ(chip(REG_IMS), 0); /* whatever the firmware left, and no reset clears */
    CHECK_EQ(chip(REG_RCTL) & RCTL_EN, 0);
    CHECK_EQ(chip(REG_TCTL) & TCTL_EN, 0);
    CHECK(rig_chip.host.master);
    CHECK_EQ(rig_dev->features & (DEV_F_RX_CSUM | DEV_F_TSO6 | DEV_F_ECN), 0); /* QEMU's cannot, or does it wrong */
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 0);
    rig_end();
}

TEST(e1000_up_writes_rctl_once)
{
    rig_bind();
    u32 before = rig_chip.rctl_writes;
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    host_run();
    CHECK_EQ(rig_chip.rctl_writes, before + 1);
    CHECK_EQ(chip(REG_RCTL), RCTL_EN | RCTL_BAM | RCTL_LPE | RCTL_VFE | RCTL_SECRC);
    CHECK_EQ(chip(REG_TCTL), TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD);
    CHECK_EQ(chip(REG_CTRL) & (CTRL_SLU | CTRL_VME), CTRL_SLU | CTRL_VME);
    CHECK_EQ(chip(REG_RDLEN), 4096);
    CHECK_EQ(chip(REG_TDLEN), 4096);
    CHECK_EQ(chip(REG_RDBAL) % 16, 0);
    CHECK_EQ(chip(REG_RDT), 255);
    CHECK_EQ(chip(REG_MTA), 0);
    CHECK_EQ(chip(REG_IMS), ICR_RXT0 | ICR_RXO | ICR_LSC);
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 255);
    CHECK(rig_dev->carrier);
    CHECK_MEM(&rig_chip.reg[REG_RA / 4], rig_mac.b, 6);
    WITH_CONF(dev_down(rig_dev));
    CHECK_EQ(chip(REG_IMS), 0);
    CHECK_EQ(chip(REG_RCTL) & RCTL_EN, 0);
    CHECK(!rig_dev->carrier);
    CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 0);
    rig_end();
}

/* EEPROM, else the address that the chip has in its filter, else no device. */
TEST(e1000_where_the_address_comes_from)
{
    struct macaddr other = {{2, 9, 9, 9, 9, 9}};
    for (int how = 0; how < 5; how++) {
        rig_net = net_new();
        host_e1000_init(&rig_chip, &rig_mac);
        rig_chip.reg[REG_RA / 4] = 0x09090902;
        rig_chip.reg[REG_RA / 4 + 1] = 0x0909 | (how == 3 ? 0 : RAH_VALID);
        rig_chip.eeprom[5] = how == 1;             /* the sum is wrong */
        rig_chip.eeprom_ok = how != 2 && how != 3; /* no answer */
        rig_chip.gone = how == 4;
        driver_bind(&rig_chip.host.dev);
        rig_dev = netdev_find(rig_net, "eth0");
        CHECK_EQ(rig_dev != NULL, how < 3);
        if (rig_dev)
            CHECK_MEM(rig_dev->mac.b, how ? other.b : rig_mac.b, 6);
        driver_release(&rig_chip.host.dev);
        host_run();
        net_free(rig_net);
    }
}

TEST(e1000_leaves_nothing_behind_without_memory)
{
    for (u64 at = 1;; at++) {
        rig_net = net_new();
        host_e1000_init(&rig_chip, &rig_mac);
        size_t live = host_mem_live();
        host_mem_fail_at(at);
        driver_bind(&rig_chip.host.dev);
        rig_dev = netdev_find(rig_net, "eth0");
        int err = rig_dev ? WITH_CONF(dev_up(rig_dev)) : -ENOMEM;
        bool failed = host_mem_failed();
        host_mem_fail_at(0);
        host_clock_advance(NS_PER_S);
        if (rig_dev && !err)
            CHECK_LT(16, chip(REG_RDT)); /* the timer asked again where there were fewer */
        driver_release(&rig_chip.host.dev);
        host_run();
        CHECK_EQ(chip(REG_RCTL) & (rig_dev ? RCTL_EN : 0), 0);
        if (!rig_dev || err)
            CHECK_LE(host_mem_live(), live + 1); /* a block of the pool stays the pool's */
        net_free(rig_net);
        if (!failed)
            break;
    }
}

TEST(e1000_receives)
{
    rig_start();
    u32 interrupts = rig_chip.interrupts;
    CHECK(arrive(60, 1, 0));
    host_run();
    CHECK_EQ(rig_chip.interrupts, interrupts + 1);
    CHECK_EQ(rig_got_n, 1);
    CHECK(is_frame(rig_got[0], 60, 1));
    CHECK_EQ(rig_got[0]->cksum, CKSUM_NONE); /* IXSM: nobody has looked */
    CHECK_EQ(rig_got[0]->flags & SKB_VLAN, 0);
    CHECK_EQ(skb_off(rig_got[0]), SKB_DATA);
    CHECK_EQ(chip(REG_IMS), ICR_RXT0 | ICR_RXO | ICR_LSC);
    CHECK(!host_dev_irq(&rig_chip.host, 0)); /* somebody else's, on the same line */
    rig_end();
}

/* Frames that come while interrupts are off are no cause for one afterwards; a link that changes meanwhile is. */
TEST(e1000_burst_is_one_interrupt)
{
    rig_start();
    u32 interrupts = rig_chip.interrupts;
    for (u32 i = 1; i <= 10; i++) {
        softirq_off();
        for (u32 k = 0; k < 32; k++)
            CHECK(arrive(60, k, 0));
        if (i == 10)
            host_e1000_link(&rig_chip, false);
        softirq_on();
        host_run();
        CHECK_EQ(rig_got_n, 32 * i);
        CHECK_EQ(rig_chip.interrupts, interrupts + i + (i == 10));
    }
    CHECK(!rig_dev->carrier);
    rig_end();
}

TEST(e1000_ring_goes_round)
{
    rig_start();
    u32 next = 0, tail = rig_chip.rdt_writes;
    for (u32 round = 0; round < 200; round++) {
        u32 n = (u32)(test_rand() % 100), from = next;
        softirq_off();
        while (next < from + n)
            CHECK(arrive(60 + next % 1400, next, 0) && next++ >= from);
        softirq_on();
        host_run();
        CHECK_EQ(rig_got_n, n);
        for (u32 i = 0; i < rig_got_n; i++)
            CHECK(is_frame(rig_got[i], 60 + (from + i) % 1400, from + i));
        rig_free_got();
    }
    CHECK_LE(rig_chip.rdt_writes - tail, next / 32 + 1);
    rig_end();
}

TEST(e1000_rings_of_other_sizes)
{
    static const struct {
        u32 asked, made;
    } sizes[] = {{0, 64}, {64, 64}, {100, 64}, {128, 128}, {4096, 4096}, {100000, 4096}};
    rig_start();
    for (u32 i = 0; i < ARRAY_LEN(sizes); i++) {
        WITH_CONF(dev_down(rig_dev));
        rig_dev->rx_ring = rig_dev->tx_ring = sizes[i].asked;
        CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
        host_clock_advance(NS_PER_S);
        CHECK_EQ(chip(REG_RDLEN), sizes[i].made * 16);
        CHECK_EQ(chip(REG_TDLEN), sizes[i].made * 16);
        CHECK_EQ(chip(REG_RDT), sizes[i].made - 1);
        for (u32 k = 0; k < 2 * sizes[i].made; k++) {
            CHECK(arrive(60, k, 0));
            rig_send(rig_packet(60, k));
            host_run();
            rig_free_got();
        }
        host_clock_advance(TX_LAZY);
        CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)) / 16, sizes[i].made / 16 - 1);
    }
    rig_end();
}

/* All that the ring holds at once, and what waits outside after it. */
TEST(e1000_full_ring)
{
    rig_start();
    softirq_off();
    u32 in = 0;
    while (arrive(100, in, 0))
        in++;
    CHECK_LE(255 - 31, in);
    CHECK_LE(in, 255);
    softirq_on();
    host_run();
    CHECK_EQ(rig_got_n, in);
    CHECK(arrive(100, in, 0));
    host_run();
    CHECK_EQ(rig_got_n, in + 1);
    rig_end();
}

TEST(e1000_long_frames)
{
    static const u32 lengths[] = {2048, 2049, 4096, 9014, 60, 9022, 2047};
    rig_start();
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 9000)), 0);
    for (u32 round = 0; round < 100; round++) {
        softirq_off();
        for (u32 i = 0; i < ARRAY_LEN(lengths); i++)
            CHECK(arrive(lengths[i], i + round, 0));
        softirq_on();
        host_run();
        CHECK_EQ(rig_got_n, ARRAY_LEN(lengths));
        for (u32 i = 0; i < rig_got_n; i++)
            CHECK(is_frame(rig_got[i], lengths[i], i + round));
        rig_free_got();
    }
    CHECK_EQ(rig_dev->hw.rx_errors, 0);
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 16111)), -EINVAL);
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 16110)), 0);
    CHECK(arrive(16110 + 22, 9, 0));
    host_run();
    CHECK_EQ(rig_got_n, 1);
    rig_end();
}

/* And a smaller one than usual cuts nothing of what comes. */
TEST(e1000_longer_than_the_mtu)
{
    rig_start();
    for (u32 i = 0; i < 2; i++) {
        CHECK(arrive(1522, 1, 0) && arrive(1523, 2, 0) && arrive(5000, 3, 0) && arrive(60, 4, 0));
        host_run();
        CHECK_EQ(rig_got_n, 2 * i + 2);
        CHECK(rig_dev->hw.rx_length == 2 * i + 2 && rig_dev->hw.rx_errors == 2 * i + 2);
        CHECK_EQ(drop_read(rig_net, &rig_dev->port, DROP_RX_TRUNCATED, 0), 2 * i + 2);
        CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 576)), 0);
    }
    CHECK_EQ(WITH_CONF(dev_set_mtu(rig_dev, 5000)), 0);
    CHECK(arrive(5000, 3, 0) && arrive(5023, 4, 0));
    host_run();
    CHECK_EQ(rig_got_n, 5);
    CHECK_EQ(rig_dev->hw.rx_length, 5);
    rig_end();
}

TEST(e1000_tag_is_taken_out)
{
    rig_start();
    CHECK(arrive(60, 1, RXD_VP | 0x2fffull << RXD_VLAN_AT));
    CHECK(arrive(60, 2, 0x2fffull << RXD_VLAN_AT)); /* no tag: what stands there means nothing */
    host_run();
    CHECK_EQ(rig_got_n, 2);
    CHECK_EQ(rig_got[0]->flags & SKB_VLAN, SKB_VLAN);
    CHECK_EQ(rig_got[0]->vlan_tci, 0x2fff);
    CHECK_EQ(rig_got[0]->vlan_type, 0x8100);
    CHECK_EQ(rig_got[1]->flags & SKB_VLAN, 0);
    rig_end();
}

/* What a chip says that it has put there, without having done so. */
static void claim(u32 at, u64 word)
{
    host_e1000_desc(&rig_chip, REG_RDBAL, at)->word = word;
}

TEST(e1000_disbelieves)
{
    static const u64 words[] = {
        RXD_DD | RXD_EOP,                        /* nothing */
        RXD_DD | RXD_EOP | 2049,                 /* beyond the buffer */
        RXD_DD | RXD_EOP | 0xffff,               /* far beyond it */
        RXD_DD | RXD_EOP | 60 | (1ull << 40),    /* a broken one */
        RXD_DD | RXD_EOP | 60 | (0x80ull << 40), /* another */
        ~0ull,                                   /* gone */
    };
    rig_start();
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        claim(i, words[i]);
    claim(ARRAY_LEN(words), RXD_DD | RXD_EOP | 60);
    host_e1000_raise(&rig_chip, ICR_RXT0);
    host_run();
    CHECK_EQ(rig_got_n, 1);
    CHECK_EQ(rig_dev->hw.rx_errors, ARRAY_LEN(words));
    CHECK_EQ(drop_read(rig_net, &rig_dev->port, DROP_RX_ERROR, 0), ARRAY_LEN(words));
    rig_end();
}

/* A frame that never ends is given up, and so is all of it that comes later; the next one is taken. */
TEST(e1000_frame_without_end)
{
    rig_start();
    for (u32 i = 0; i < 100; i++)
        claim(i, RXD_DD | 2048);
    claim(100, RXD_DD | RXD_EOP | 60); /* its end */
    claim(101, RXD_DD | RXD_EOP | 60); /* one by itself */
    claim(102, RXD_DD | 2048);         /* half of one */
    host_e1000_raise(&rig_chip, ICR_RXT0);
    host_run();
    CHECK_EQ(rig_got_n, 1);
    CHECK_EQ(rig_dev->hw.rx_errors, 13);
    for (u32 i = 0; i < 255; i++)
        claim(i, RXD_DD | 2048);
    host_e1000_raise(&rig_chip, ICR_RXT0);
    host_clock_advance(NS_PER_S);
    CHECK_EQ(rig_got_n, 1);
    rig_end();
}

static void arrive_silently(u32 mark)
{
    u8 frame[64];
    u32 ims = rig_chip.reg[REG_IMS / 4];
    rig_chip.reg[REG_IMS / 4] = 0; /* the line is up already: no second message comes */
    host_e1000_arrive(&rig_chip, frame, rig_frame(frame, sizeof(frame), mark), 0);
    rig_chip.reg[REG_IMS / 4] = ims;
}

static void poll_ends(struct host_e1000 *d)
{
    d->before_icr = NULL;
    softirq_on();
    softirq_off();
    arrive_silently(2);
}

/* An interrupt arrives while NAPI has them masked. Before it reads what for, NAPI has let them in again and one more
 * frame has come: whose cause that read takes away, so it is told of now or never. */
TEST(e1000_interrupt_overtaken_by_a_poll)
{
    u8 frame[64];
    rig_start();
    softirq_off();
    host_e1000_arrive(&rig_chip, frame, rig_frame(frame, sizeof(frame), 1), 0);
    rig_chip.before_icr = poll_ends;
    host_dev_irq(&rig_chip.host, 0);
    softirq_on();
    host_run();
    CHECK_EQ(rig_got_n, 2);
    rig_end();
}

/* Half a frame whose beginning is taken back: nothing to wait for, and nobody asks for ever. */
TEST(e1000_frame_without_beginning)
{
    rig_start();
    claim(0, RXD_DD | 2048);
    host_e1000_raise(&rig_chip, ICR_RXT0);
    host_run();
    claim(0, 0);
    claim(1, RXD_DD | 2048);
    host_e1000_raise(&rig_chip, ICR_RXT0);
    host_run();
    CHECK_EQ(rig_got_n, 0);
    rig_end();
}

TEST(e1000_no_buffers_for_a_while)
{
    rig_start();
    struct skb_pool *pool = skb_pool_of(rig_net);
    struct skb *taken[512];
    u32 n = 0;
    softirq_off();
    pool->most = pool->carved;
    while (skb_pool_take(pool, &taken[n], 1, __func__))
        n++;
    softirq_on();
    for (u32 i = 0; i < 300; i++) {
        arrive(60, i, 0);
        host_run();
    }
    CHECK_EQ(rig_got_n, 255);
    CHECK(!arrive(60, 0, 0)); /* it waits outside */
    host_clock_advance(NS_PER_S);
    softirq_off();
    for (u32 i = 0; i < n; i++)
        skb_pool_give(taken[i]);
    softirq_on();
    rig_free_got();
    host_clock_advance(20 * NS_PER_MS); /* nothing but the timer looks */
    CHECK(arrive(60, 7, 0));
    host_run();
    CHECK_EQ(rig_got_n, 1);
    CHECK_LE(255, skb_pool_used(pool));
    rig_end();
}

TEST(e1000_link_comes_and_goes)
{
    rig_start();
    u32 changes = rig_dev->carrier_changes;
    for (u32 i = 0; i < 10; i++) {
        host_e1000_link(&rig_chip, false);
        host_run();
        CHECK(!rig_dev->carrier);
        rig_send(rig_packet(60, i));
        host_e1000_link(&rig_chip, true);
        host_run();
        CHECK(rig_dev->carrier);
    }
    CHECK_EQ(rig_dev->carrier_changes, changes + 20);
    CHECK_EQ(rig_wire_n, 0);
    CHECK_EQ(drop_read(rig_net, &rig_dev->port, DROP_TX_NO_CARRIER, 0), 10);
    WITH_CONF(dev_down(rig_dev));
    host_e1000_link(&rig_chip, false);
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    CHECK(!rig_dev->carrier);
    rig_end();
}

TEST(e1000_lets_in)
{
    struct macaddr group = {{1, 0, 0x5e, 0, 0, 1}}, other = {{2, 0, 0, 0, 0, 9}}, ours = {{2, 7, 7, 7, 7, 7}};
    rig_start();
    u32 rctl = rig_chip.rctl_writes;
    u8 f[60] = {0};
#define COMES(mac) (memcpy(f, (mac)->b, 6), host_e1000_arrive(&rig_chip, f, 60, 0), host_run(), rig_got_n)
    CHECK_EQ(COMES(&other), 0);
    CHECK_EQ(COMES(&group), 0);
    for (u32 i = 1; i <= 40; i++) { /* more than match exactly */
        group.b[5] = (u8)i;
        CHECK_EQ(WITH_CONF(dev_multicast_add(rig_dev, &group)), 0);
    }
    for (u32 i = 1; i <= 40; i++) {
        group.b[5] = (u8)i;
        CHECK_EQ(COMES(&group), i);
    }
    group = (struct macaddr){{3, 1, 2, 3, 4, 0xff}};
    CHECK_EQ(COMES(&group), 40);
    WITH_CONF(dev_allmulti(rig_dev, 1));
    CHECK_EQ(COMES(&group), 41);
    WITH_CONF(dev_allmulti(rig_dev, -1));
    CHECK_EQ(COMES(&group), 41);
    CHECK_EQ(WITH_CONF(dev_set_mac(rig_dev, &ours)), 0);
    CHECK_EQ(COMES(&ours), 42);
    CHECK_EQ(COMES(&rig_mac), 42);
    CHECK_EQ(rig_chip.rctl_writes, rctl); /* none of it made the chip deaf */
    WITH_CONF(dev_promisc(rig_dev, 1));
    CHECK_EQ(rig_chip.rctl_writes, rctl + 1);
    host_clock_advance(NS_PER_S);
    CHECK_EQ(COMES(&other), 43);
    CHECK_EQ(chip(REG_MTA + 4 * 77), ~0u); /* groups too, which UPE says nothing of */
    WITH_CONF(dev_promisc(rig_dev, -1));
    CHECK_EQ(chip(REG_MTA + 4 * 77), 0);
    CHECK_EQ(rig_chip.rctl_writes, rctl + 1); /* not a second time: the driver sifts */
    CHECK_EQ(COMES(&other), 43);
    CHECK_EQ(COMES(&ours), 44);
    WITH_CONF(dev_promisc(rig_dev, 1));
    CHECK_EQ(rig_chip.rctl_writes, rctl + 1);
    CHECK_EQ(COMES(&other), 45);
    WITH_CONF(dev_promisc(rig_dev, -1));
    WITH_CONF(dev_down(rig_dev));
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    CHECK_EQ(chip(REG_RCTL) & RCTL_UPE, 0);
    rig_end();
}

static u32 comes_tagged(u16 type, u16 tci)
{
    u8 frame[60];
    rig_frame(frame, sizeof(frame), 0);
    store_be16(frame + 12, type);
    store_be16(frame + 14, tci);
    CHECK(host_e1000_arrive(&rig_chip, frame, sizeof(frame), 0));
    host_run();
    return rig_got_n;
}

/* Tags are sifted by the chip once one is used, but for who listens; none of it makes it deaf. */
TEST(e1000_sifts_tags)
{
    rig_start();
    u32 rctl = rig_chip.rctl_writes;
    CHECK_EQ(comes_tagged(0x8100, 10), 1);
    CHECK_EQ(WITH_CONF(dev_vlan_add(rig_dev, 10)), 0);
    CHECK_EQ(WITH_CONF(dev_vlan_add(rig_dev, 4094)), 0);
    CHECK_EQ(comes_tagged(0x8100, 10), 2);
    CHECK_EQ(comes_tagged(0x8100, 0xe00a), 3);
    CHECK_EQ(comes_tagged(0x8100, 11), 3);
    CHECK_EQ(comes_tagged(0x8100, 0x6000), 4); /* a priority alone */
    CHECK_EQ(comes_tagged(0x8100, 4094), 5);
    CHECK_EQ(comes_tagged(0x88a8, 11), 6);
    WITH_CONF(dev_vlan_del(rig_dev, 4094));
    CHECK_EQ(comes_tagged(0x8100, 4094), 6);
    CHECK_EQ(rig_chip.rctl_writes, rctl);
    WITH_CONF(dev_promisc(rig_dev, 1));
    host_clock_advance(NS_PER_S);
    CHECK_EQ(comes_tagged(0x8100, 11), 7);
    WITH_CONF(dev_promisc(rig_dev, -1));
    CHECK_EQ(comes_tagged(0x8100, 11), 7);
    WITH_CONF(dev_down(rig_dev));
    CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
    host_clock_advance(NS_PER_S);
    CHECK_EQ(comes_tagged(0x8100, 11), 7); /* it is remembered */
    CHECK_EQ(comes_tagged(0x8100, 10), 8);
    WITH_CONF(dev_vlan_del(rig_dev, 10));
    CHECK_EQ(comes_tagged(0x8100, 11), 9);
    rig_end();
}

TEST(e1000_counts_of_the_chip)
{
    rig_start();
    rig_chip.reg[REG_MPC / 4] = 5;  /* stays where it is when it is read, in QEMU */
    rig_chip.reg[REG_RLEC / 4] = 3; /* does not */
    for (u32 i = 0; i < 3; i++)
        rig_dev->ops->stats(rig_dev);
    CHECK_EQ(rig_dev->hw.rx_missed, 5);
    CHECK_EQ(rig_dev->hw.rx_length, 3);
    rig_chip.reg[REG_MPC / 4] = 7;
    rig_chip.reg[REG_RLEC / 4] = 1;
    rig_dev->ops->stats(rig_dev);
    CHECK_EQ(rig_dev->hw.rx_missed, 7);
    CHECK_EQ(rig_dev->hw.rx_length, 4);
    rig_chip.gone = true;
    rig_dev->ops->stats(rig_dev);
    CHECK_EQ(rig_dev->hw.rx_missed, 7);
    rig_end();
}

/* Many packets a second: the chip holds its interrupts off, until they are fewer. */
TEST(e1000_moderates)
{
    rig_start();
    CHECK_EQ(chip(REG_ITR), 0);
    for (u32 i = 0; i < 600; i++) { /* 100000 a second */
        arrive(60, i, 0);
        host_clock_advance(10 * NS_PER_US);
        rig_free_got();
    }
    CHECK_LE(300 * 1000 / 256, chip(REG_ITR));
    CHECK_LE(rig_chip.itr_writes, 6);
    for (u32 i = 0; i < 10; i++) {
        arrive(60, i, 0);
        host_clock_advance(50 * NS_PER_MS);
    }
    CHECK_EQ(chip(REG_ITR), 0);
    rig_dev->adaptive_rx = false;
    rig_free_got();
    for (u32 i = 0; i < 2000; i++) {
        arrive(60, i, 0);
        host_clock_advance(10 * NS_PER_US);
        rig_free_got();
    }
    CHECK_EQ(chip(REG_ITR), 0);
    rig_end();
}

TEST(e1000_device_that_is_gone)
{
    rig_start();
    rig_chip.gone = true;
    CHECK(!host_dev_irq(&rig_chip.host, 0));
    rig_send(rig_packet(60, 1));
    host_clock_advance(60 * NS_PER_S);
    rig_end();
}

TEST(e1000_up_and_down_under_load)
{
    rig_start();
    for (u32 i = 0; i < 100; i++) {
        softirq_off();
        for (u32 k = 0; k < 50; k++) {
            arrive(60, k, 0);
            rig_send(rig_packet(60, k));
        }
        softirq_on();
        if (i % 3)
            host_run();
        rig_chip.slow = i & 1;
        WITH_CONF(dev_down(rig_dev));
        rig_free_got();
        CHECK_EQ(skb_pool_used(skb_pool_of(rig_net)), 0);
        CHECK_EQ(WITH_CONF(dev_up(rig_dev)), 0);
        host_clock_advance(NS_PER_S);
    }
    rig_end();
}
