/* What is done with the chip's registers (contract: e1000_hw.h).
 *
 * Nothing is taken from a reset: in QEMU it clears nothing, and firmware that booted from the network leaves rings
 * behind. So each register that matters is written when the chip is started.
 *
 * RCTL is written once for each start: in QEMU every write to it makes the chip deaf for a second. What is let in is
 * changed through addresses (RA, MTA) and tags (VFTA) instead; all of them is a table of ones. One thing has no other
 * way, frames for other stations when somebody listens (UPE), and that is not taken back while the chip runs: the
 * driver sifts then.
 */
#include "drivers/e1000/e1000_hw.h"

#include "lib/byteorder.h"
#include "lib/string.h"
#include "net/dev/netdev.h"

#define POLLS 10000 /* reads of a register that changes by itself: some ms, where a read is cheap */

int hw_reset(struct e1000_hw *hw)
{
    if (hw_read(hw, REG_STATUS) == ~0u)
        return -ENODEV;
    hw_stop(hw);
    hw_write(hw, REG_CTRL, hw_read(hw, REG_CTRL) | CTRL_RST);
    for (u32 i = 0; hw_read(hw, REG_CTRL) & CTRL_RST; i++)
        if (i == POLLS)
            return -ENODEV;
    hw_write(hw, REG_IMC, ~0u);
    hw_read(hw, REG_ICR);
    return 0;
}

/* ---- who we are ---- */

int hw_eeprom_word(const struct e1000_hw *hw, u32 at)
{
    hw_write(hw, REG_EERD, at << 8 | EERD_START);
    for (u32 i = 0; i < POLLS; i++) {
        u32 v = hw_read(hw, REG_EERD);
        if (v & EERD_DONE)
            return v == ~0u ? -EIO : (int)(v >> 16);
    }
    return -EIO;
}

static bool is_station(const struct macaddr *m)
{
    return !(m->b[0] & 1) && (load_le32(m->b) || load_le16(m->b + 4));
}

int hw_eeprom_mac(const struct e1000_hw *hw, struct macaddr *m)
{
    u32 sum = 0;
    for (u32 at = 0; at < 0x40; at++) {
        int v = hw_eeprom_word(hw, at);
        if (v < 0)
            return v;
        sum += (u32)v;
        if (at < 3)
            store_le16(m->b + 2 * at, (u16)v);
    }
    return (u16)sum == EEPROM_SUM && is_station(m) ? 0 : -EIO;
}

int hw_ra_mac(const struct e1000_hw *hw, struct macaddr *m)
{
    u32 high = hw_read(hw, REG_RA + 4);
    store_le32(m->b, hw_read(hw, REG_RA));
    store_le16(m->b + 4, (u16)high);
    return (high & RAH_VALID) && high != ~0u && is_station(m) ? 0 : -EIO;
}

/* ---- who is let in ---- */

static void set_ra(const struct e1000_hw *hw, u32 at, const struct macaddr *m)
{
    hw_write(hw, REG_RA + 8 * at + 4, 0); /* not valid while it is half written */
    if (!m)
        return;
    hw_write(hw, REG_RA + 8 * at, load_le32(m->b));
    hw_write(hw, REG_RA + 8 * at + 4, load_le16(m->b + 4) | RAH_VALID);
}

void hw_set_mac(const struct e1000_hw *hw, const struct macaddr *m)
{
    set_ra(hw, 0, m);
}

/* The bit of the table that stands for an address: its upper 12 bits (RCTL.MO 0; SDM 13.5.1). */
static u32 hash(const struct macaddr *m)
{
    return (u32)m->b[4] >> 4 | (u32)m->b[5] << 4;
}

/* Fifteen are matched exactly, further ones by their hash; what passes by its hash alone is looked at above. */
void hw_multicast(const struct e1000_hw *hw, const struct netdev *dev)
{
    u32 table[MTA_WORDS], at = 1;
    memset(table, dev->flags & (DEV_ALLMULTI | DEV_PROMISC) ? 0xff : 0, sizeof(table)); /* UPE is of stations alone */
    LIST_FOREACH(&dev->multicast, struct dev_mac, link, m) {
        if (at < RA_N)
            set_ra(hw, at++, &m->mac);
        else
            table[hash(&m->mac) / 32] |= 1u << hash(&m->mac) % 32;
    }
    for (; at < RA_N; at++)
        set_ra(hw, at, NULL);
    for (u32 i = 0; i < MTA_WORDS; i++)
        hw_write(hw, REG_MTA + 4 * i, table[i]);
}

/* As Linux's driver has it: while no VLAN is used, and for who listens, all tags come in. A priority without a VLAN
 * always does. */
void hw_vlans(const struct e1000_hw *hw, const struct netdev *dev)
{
    bool all = !dev->vids_n || (dev->flags & DEV_PROMISC);
    for (u32 i = 0; i < VFTA_WORDS; i++)
        hw_write(hw, REG_VFTA + 4 * i, all ? ~0u : dev->vids[i] | !i);
}

/* ---- on and off ---- */

bool hw_checks_sums(const struct e1000_hw *hw)
{
    hw_write(hw, REG_RXCSUM, RXCSUM_ON);
    return hw_read(hw, REG_RXCSUM) == RXCSUM_ON;
}

void hw_rings(const struct e1000_hw *hw, u64 rx, u32 rx_n, u64 tx, u32 tx_n)
{
    hw_write(hw, REG_RDBAL, (u32)rx);
    hw_write(hw, REG_RDBAH, (u32)(rx >> 32));
    hw_write(hw, REG_RDLEN, rx_n * (u32)sizeof(struct e1000_desc));
    hw_write(hw, REG_RDH, 0);
    hw_write(hw, REG_RDT, 0);
    hw_write(hw, REG_TDBAL, (u32)tx);
    hw_write(hw, REG_TDBAH, (u32)(tx >> 32));
    hw_write(hw, REG_TDLEN, tx_n * (u32)sizeof(struct e1000_desc));
    hw_write(hw, REG_TDH, 0);
    hw_write(hw, REG_TDT, 0);
}

void hw_start(struct e1000_hw *hw, bool promisc)
{
    hw_write(hw, REG_CTRL,
             (hw_read(hw, REG_CTRL) & ~(CTRL_RST | CTRL_RFCE | CTRL_TFCE)) | CTRL_FD | CTRL_ASDE | CTRL_SLU | CTRL_VME);
    hw_write(hw, REG_VET, 0x8100);
    hw_write(hw, REG_ITR, 0);
    hw_write(hw, REG_RDTR, 0);
    hw_write(hw, REG_RADV, 0);
    hw_write(hw, REG_TIDV, 0);
    hw_write(hw, REG_TADV, 0);
    hw_write(hw, REG_RXCSUM, RXCSUM_ON);
    hw_write(hw, REG_TIPG, 10 | 8 << 10 | 6 << 20); /* copper (SDM 13.4.34) */
    hw_write(hw, REG_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD);
    hw->rctl = RCTL_EN | RCTL_BAM | RCTL_LPE | RCTL_VFE | RCTL_SECRC | (promisc ? RCTL_UPE : 0);
    hw_write(hw, REG_RCTL, hw->rctl);
}

void hw_promisc(struct e1000_hw *hw)
{
    hw->rctl |= RCTL_UPE;
    hw_write(hw, REG_RCTL, hw->rctl);
}

void hw_stop(struct e1000_hw *hw)
{
    hw_write(hw, REG_IMC, ~0u);
    hw_write(hw, REG_RCTL, 0);
    hw_write(hw, REG_TCTL, TCTL_PSP);
    hw_read(hw, REG_STATUS); /* the writes have arrived */
    hw->rctl = 0;
}

bool hw_link(const struct e1000_hw *hw)
{
    u32 v = hw_read(hw, REG_STATUS);
    return v != ~0u && (v & STATUS_LU);
}

u32 hw_speed(const struct e1000_hw *hw)
{
    static const u16 speeds[] = {10, 100, 1000, 1000};
    return speeds[hw_read(hw, REG_STATUS) >> STATUS_SPEED_AT & 3];
}

/* ---- what it has counted ---- */

/* The chip's counters clear when they are read; some of QEMU's do not. A second reading tells: what is there still was
 * not cleared. */
static u32 counted(struct e1000_hw *hw, u32 reg, u32 *was)
{
    u32 v = hw_read(hw, reg), again = hw_read(hw, reg), before = *was;
    if (v == ~0u)
        return 0; /* the device is gone */
    *was = v && again == v ? v : 0;
    return *was ? v - (before <= v ? before : 0) : v + again;
}

void hw_stats(struct e1000_hw *hw, struct hw_stats *to)
{
    u32 crc = counted(hw, REG_CRCERRS, &hw->stat_was[0]), align = counted(hw, REG_ALGNERRC, &hw->stat_was[1]);
    u32 rxerr = counted(hw, REG_RXERRC, &hw->stat_was[2]), missed = counted(hw, REG_MPC, &hw->stat_was[3]);
    u32 length = counted(hw, REG_RLEC, &hw->stat_was[4]);
    u32 late = counted(hw, REG_LATECOL, &hw->stat_was[5]), much = counted(hw, REG_ECOL, &hw->stat_was[6]);

    to->rx_crc += crc;
    to->rx_frame += align;
    to->rx_missed += missed;
    to->rx_length += length;
    to->rx_errors += crc + align + rxerr + length;
    to->tx_aborted += much;
    to->tx_errors += late + much;
    to->collisions += counted(hw, REG_COLC, &hw->stat_was[7]);
}
