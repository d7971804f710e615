/* A fake 82540EM (contract: e1000_dev.h).
 *
 * It behaves as QEMU's does where that differs from the chip's data sheet, since that is the one there is to be tested
 * against: a reset that resets nothing, sums that are not checked, a tail write that sends before it returns.
 */
#include "host/e1000_dev.h"

#include "lib/byteorder.h"
#include "lib/plat.h"
#include "lib/string.h"

static u32 *reg(struct host_e1000 *d, u32 at)
{
    return &d->reg[at / 4];
}

/* ---- interrupts ---- */

void host_e1000_raise(struct host_e1000 *d, u32 cause)
{
    *reg(d, REG_ICR) |= cause;
    if (*reg(d, REG_ICR) & *reg(d, REG_IMS)) {
        d->interrupts++;
        host_dev_irq(&d->host, 0);
    }
}

void host_e1000_link(struct host_e1000 *d, bool up)
{
    *reg(d, REG_STATUS) = up ? *reg(d, REG_STATUS) | STATUS_LU : *reg(d, REG_STATUS) & ~STATUS_LU;
    host_e1000_raise(d, ICR_LSC);
}

/* ---- descriptors ---- */

static u32 ring_size(const struct host_e1000 *d, u32 ring)
{
    return (d->reg[(ring + 8) / 4] & 0xfff80) / (u32)sizeof(struct e1000_desc);
}

struct e1000_desc *host_e1000_desc(const struct host_e1000 *d, u32 ring, u32 at)
{
    u64 base = d->reg[ring / 4] | (u64)d->reg[ring / 4 + 1] << 32;
    return (struct e1000_desc *)base + at;
}

static void step(struct host_e1000 *d, u32 ring)
{
    u32 *head = reg(d, ring + 0x10);
    if (++*head >= ring_size(d, ring))
        *head = 0;
}

/* ---- receiving: e1000_receive_iov ---- */

static bool takes(struct host_e1000 *d, u32 n)
{
    u32 size = ring_size(d, REG_RDBAL), head = *reg(d, REG_RDBAL + 0x10), tail = *reg(d, REG_RDT);
    if (!(*reg(d, REG_STATUS) & STATUS_LU) || !(*reg(d, REG_RCTL) & RCTL_EN) || !d->host.master)
        return false;
    if (clock_ns() < d->deaf_until || !size)
        return false;
    return (tail + size - head) % size * 2048 >= n;
}

/* receive_filter; but for UPE, which in QEMU lets in groups as well, and on the chip stations alone */
static bool lets_in(struct host_e1000 *d, const u8 *p)
{
    u32 rctl = *reg(d, REG_RCTL), hash = p[4] >> 4 | (u32)p[5] << 4, vid = load_be16(p + 14) & 0xfff;
    if ((rctl & RCTL_VFE) && load_be16(p + 12) == *reg(d, REG_VET) &&
        !(*reg(d, REG_VFTA + vid / 32 * 4) >> vid % 32 & 1))
        return false;
    if (((rctl & RCTL_UPE) && !(p[0] & 1)) || ((rctl & RCTL_BAM) && load_le32(p) == ~0u && load_le16(p + 4) == 0xffff))
        return true;
    for (u32 i = 0; i < RA_N; i++)
        if ((*reg(d, REG_RA + 8 * i + 4) & RAH_VALID) && load_le32(p) == *reg(d, REG_RA + 8 * i) &&
            load_le16(p + 4) == (u16)*reg(d, REG_RA + 8 * i + 4))
            return true;
    return (p[0] & 1) && (*reg(d, REG_MTA + hash / 32 * 4) >> hash % 32 & 1);
}

bool host_e1000_arrive(struct host_e1000 *d, const void *frame, u32 n, u64 flaw)
{
    const u8 *p = frame;
    if (!takes(d, n))
        return false;
    if (n >= 16 && !lets_in(d, p))
        return true;
    for (u32 at = 0, some; at < n; at += some) {
        struct e1000_desc *r = host_e1000_desc(d, REG_RDBAL, *reg(d, REG_RDH));
        some = min(n - at, 2048u);
        memcpy((void *)r->addr, p + at, some);
        r->word = some | RXD_DD | RXD_IXSM | (at + some == n ? RXD_EOP : 0) | flaw;
        step(d, REG_RDBAL);
    }
    host_e1000_raise(d, ICR_RXT0);
    return true;
}

/* ---- sending: process_tx_desc, xmit_seg ---- */

static void put_sum(u8 *data, u32 n, u32 at, u32 from, u32 last)
{
    u32 sum = 0;
    if (last && last < n)
        n = last + 1;
    if (at + 1 >= n)
        return;
    for (u32 i = from; i < n; i++)
        sum += (i - from) & 1 ? data[i] : (u32)data[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    sum = ~sum & 0xffff;
    store_be16(data + at, (u16)(sum ? sum : 0xffff));
}

static void cut_headers(struct host_e1000 *d)
{
    const struct host_e1000_props *p = &d->tso;
    u8 *ip = d->data + p->ipcss, *l4 = d->data + p->tucss, *sum = d->data + p->tucso;
    u32 sofar = d->frames * p->mss, len = d->size - p->tucss, total;

    store_be16(ip + (p->ip4 ? 2 : 4), (u16)(d->size - p->ipcss));
    if (p->ip4)
        store_be16(ip + 4, (u16)(load_be16(ip + 4) + d->frames));
    store_be32(l4 + 4, load_be32(l4 + 4) + sofar);
    if (p->paylen - sofar > p->mss)
        l4[13] &= (u8)~9;
    total = load_be16(sum) + len;
    store_be16(sum, (u16)((total >> 16) + (total & 0xffff)));
    d->frames++;
}

static void xmit_seg(struct host_e1000 *d)
{
    const struct host_e1000_props *p = d->cuts ? &d->tso : &d->props;
    u8 out[sizeof(d->data)];
    u32 n = d->size;

    if (d->cuts)
        cut_headers(d);
    if (d->sums & 2)
        put_sum(d->data, d->size, p->tucso, p->tucss, p->tucse);
    if (d->sums & 1)
        put_sum(d->data, d->size, p->ipcso, p->ipcss, p->ipcse);
    if (d->tags && n >= 12) {
        memcpy(out, d->data, 12);
        store_be16(out + 12, (u16)*reg(d, REG_VET));
        store_be16(out + 14, d->tag);
        memcpy(out + 16, d->data + 12, n - 12);
        n += 4;
    } else {
        memcpy(out, d->data, n);
    }
    if (d->sent)
        d->sent(d, out, n);
}

static void context(struct host_e1000 *d, const struct e1000_desc *t)
{
    struct host_e1000_props *p = t->word & TXD_TSE ? &d->tso : &d->props;
    *p = (struct host_e1000_props){.ipcss = (u8)t->addr,
                                   .ipcso = (u8)(t->addr >> 8),
                                   .ipcse = (u16)(t->addr >> 16),
                                   .tucss = (u8)(t->addr >> 32),
                                   .tucso = (u8)(t->addr >> 40),
                                   .tucse = (u16)(t->addr >> 48),
                                   .paylen = (u32)t->word & 0xfffff,
                                   .hlen = (u8)(t->word >> 40),
                                   .mss = (u16)(t->word >> 48),
                                   .ip4 = t->word & CTX_IP4,
                                   .tcp = t->word & CTX_TCP};
    d->contexts++;
    if (t->word & TXD_TSE)
        d->frames = 0;
}

static void cut_data(struct host_e1000 *d, const u8 *from, u32 left)
{
    u32 whole = d->tso.hlen + d->tso.mss, some;
    do {
        some = left;
        if (d->size >= whole)
            return;
        some = min(some, whole - d->size);
        memcpy(d->data + d->size, from, some);
        if (d->size < d->tso.hlen && d->size + some >= d->tso.hlen)
            memcpy(d->header, d->data, d->tso.hlen);
        d->size += some;
        from += some;
        if (d->size == whole) {
            xmit_seg(d);
            memcpy(d->data, d->header, d->tso.hlen);
            d->size = d->tso.hlen;
        }
        left -= some;
    } while (some && left);
}

static void process(struct host_e1000 *d, const struct e1000_desc *t)
{
    u32 len = (u16)t->word;
    if ((t->word & (TXD_DEXT | TXD_DATA)) == TXD_DEXT) {
        context(d, t);
        return;
    }
    if ((t->word & TXD_DEXT) && !d->size)
        d->sums = t->word >> 40 & 0xff;
    d->cuts = (t->word & TXD_DEXT) && (t->word & TXD_TSE);
    if ((*reg(d, REG_CTRL) & CTRL_VME) && (t->word & TXD_VLE) && (d->cuts || (t->word & TXD_EOP))) {
        d->tags = true;
        d->tag = (u16)(t->word >> TXD_VLAN_AT);
    }
    if (d->cuts) {
        cut_data(d, (const u8 *)t->addr, len);
    } else {
        len = min(len, 0x10000u - d->size);
        memcpy(d->data + d->size, (const u8 *)t->addr, len);
        d->size += len;
    }
    if (!(t->word & TXD_EOP))
        return;
    if (!d->cuts || d->size >= d->tso.hlen)
        xmit_seg(d);
    d->frames = d->sums = d->size = 0;
    d->tags = d->cuts = false;
}

void host_e1000_send(struct host_e1000 *d)
{
    u32 cause = 0, size = ring_size(d, REG_TDBAL);
    if (!(*reg(d, REG_TCTL) & TCTL_EN) || !d->host.master || !size)
        return;
    while (*reg(d, REG_TDH) != *reg(d, REG_TDT)) {
        struct e1000_desc *t = host_e1000_desc(d, REG_TDBAL, *reg(d, REG_TDH));
        process(d, t);
        if (t->word & TXD_RS) {
            t->word |= TXD_DD;
            cause |= ICR_TXDW;
        }
        step(d, REG_TDBAL);
    }
    host_e1000_raise(d, cause);
}

/* ---- registers ---- */

static u32 chip_read(void *arg, unsigned bar, u64 off, unsigned size)
{
    struct host_e1000 *d = arg;
    if (off == REG_ICR && d->before_icr)
        d->before_icr(d);
    u32 v = d->reg[off / 4];
    d->accesses++;
    if (d->gone)
        return ~0u;
    if (off == REG_ICR)
        *reg(d, REG_ICR) = 0;
    if (off == REG_RXCSUM || off == REG_IMC)
        return 0;
    if (off >= REG_RLEC && off <= REG_ROC)
        *reg(d, (u32)off) = 0; /* cleared by reading; those before are not, in QEMU */
    return v;
}

static void eerd(struct host_e1000 *d, u32 v)
{
    u32 at = v >> 8 & 0x3f;
    *reg(d, REG_EERD) = d->eeprom_ok ? EERD_DONE | at << 8 | (u32)d->eeprom[at] << 16 : 0;
}

/* set_mdic */
static void mdic(struct host_e1000 *d, u32 v)
{
    u32 at = v >> MDIC_REG_AT & 31;
    if ((v >> 21 & 31) != 1) {
        v |= MDIC_ERROR;
    } else if (v & MDIC_READ) {
        v = (v & ~0xffffu) | d->phy[at];
    } else if (v & MDIC_WRITE) {
        d->phy[at] = (u16)(at == PHY_CTRL ? v & ~PHY_CTRL_RESTART : v);
        if (at == PHY_CTRL && (v & PHY_CTRL_RESTART)) {
            d->agreed++;
            host_e1000_link(d, false);
        }
    }
    *reg(d, REG_MDIC) = v | MDIC_READY;
}

static void chip_write(void *arg, unsigned bar, u64 off, unsigned size, u32 v)
{
    struct host_e1000 *d = arg;
    d->accesses++;
    if (d->gone || off == REG_STATUS || off == REG_RXCSUM)
        return;
    d->reg[off / 4] = v;
    switch (off) {
    case REG_CTRL: *reg(d, REG_CTRL) = v & ~CTRL_RST; break;
    case REG_EERD: eerd(d, v); break;
    case REG_MDIC: mdic(d, v); break;
    case REG_ICR: *reg(d, REG_ICR) = 0; break;
    case REG_IMC: *reg(d, REG_IMS) &= ~v; break;
    case REG_RDT: d->rdt_writes++; break;
    case REG_ITR: d->itr_writes++; break;
    case REG_RCTL:
        d->rctl_writes++;
        d->deaf_until = clock_ns() + NS_PER_S;
        break;
    case REG_TDT:
        d->tdt_writes++;
        if (!d->slow)
            host_e1000_send(d);
        break;
    }
}

/* IMS is set by ones: before the write is stored as it came. */
static void chip_write_mask(void *arg, unsigned bar, u64 off, unsigned size, u32 v)
{
    struct host_e1000 *d = arg;
    chip_write(arg, bar, off, size, off == REG_IMS ? *reg(d, REG_IMS) | v : v);
    if (off == REG_IMS && !d->gone)
        host_e1000_raise(d, 0);
}

static u32 cfg_read(void *arg, unsigned off, unsigned size)
{
    struct host_e1000 *d = arg;
    return off + size <= sizeof(d->cfg) ? load_le32(d->cfg + (off & ~3u)) >> 8 * (off & 3) : ~0u;
}

static void cfg_write(void *arg, unsigned off, unsigned size, u32 v)
{
}

static const struct host_dev_ops ops = {
    .cfg_read = cfg_read, .cfg_write = cfg_write, .read = chip_read, .write = chip_write_mask};

void host_e1000_init(struct host_e1000 *d, const struct macaddr *mac)
{
    u32 sum = 0;
    memset(d, 0, sizeof(*d));
    d->host.ops = &ops;
    d->host.arg = d;
    d->host.dev = (struct bus_dev){.name = "0000:00:02.0",
                                   .kind = BUS_PCI,
                                   .vendor = 0x8086,
                                   .device = 0x100e,
                                   .intx_pin = 1,
                                   .bar = {{.base = 0xfebc0000, .size = E1000_REGION}}};
    d->eeprom_ok = true;
    for (u32 i = 0; i < 3; i++)
        d->eeprom[i] = load_le16(mac->b + 2 * i);
    d->eeprom[EEPROM_PAUSE_AT] = 0x3040;
    d->phy[PHY_CTRL] = 0x1140;
    d->phy[PHY_ADVERTISES] = 0x0de1;
    d->phy[PHY_PEER] = 0x01e0;
    for (u32 i = 0; i < 63; i++)
        sum += d->eeprom[i];
    d->eeprom[63] = (u16)(EEPROM_SUM - sum);
    *reg(d, REG_STATUS) = 0x80080781 | STATUS_LU; /* as QEMU: 1000 Mbit/s, full duplex */
    *reg(d, REG_RA) = load_le32(mac->b);
    *reg(d, REG_RA + 4) = load_le16(mac->b + 4) | RAH_VALID;
    /* What firmware that booted from the network leaves behind: */
    *reg(d, REG_RCTL) = RCTL_EN;
    *reg(d, REG_TCTL) = TCTL_EN;
    *reg(d, REG_IMS) = 0x9d;
    *reg(d, REG_MTA) = ~0u;
    *reg(d, REG_VFTA) = 0x10;
}
