/* The chip's PHY, and pause frames, which are agreed on through it (contract: e1000_hw.h; IEEE 802.3 28B, 31B).
 *
 *     asked for:  rx and tx, or rx     we advertise both, since nothing says "I obey alone"
 *                 tx                   asymmetric alone
 *     agreed:     PAUSE on both sides                     rx, and tx if it was asked for
 *                 we PAUSE, ASM; the peer ASM             rx
 *                 we ASM; the peer PAUSE, ASM             tx
 *                 otherwise                               rx, if it was asked for
 *
 * The last line is Linux's: a switch that agrees on nothing may have been told to send pause frames all the same, and
 * to obey them harms nobody. What is advertised is changed by agreeing anew: the link goes and comes. QEMU agrees, and
 * then neither sends nor obeys such frames.
 */
#include "drivers/e1000/e1000_hw.h"

#define POLLS 10000

/* SDM 13.4.16 ... 13.4.20, 13.4.51; figures are those of Linux's driver. */
#define PAUSE_ADDR_LOW  0x00c28001u /* 01:80:c2:00:00:01 */
#define PAUSE_ADDR_HIGH 0x00000100u
#define PAUSE_TYPE      0x8808u
#define PAUSE_TIME      0xffffu
#define RX_FIFO         (48u << 10)
#define HIGH_WATER      (RX_FIFO * 9 / 10 & 0xfff8u)
#define LOW_WATER       (HIGH_WATER - 8)
#define XON             0x80000000u /* who was stopped is told to go on */

/* ---- the PHY ---- */

/* -EIO: it does not answer. */
static int mdic(const struct e1000_hw *hw, u32 what)
{
    hw_write(hw, REG_MDIC, what | MDIC_PHY);
    for (u32 i = 0; i < POLLS; i++) {
        u32 v = hw_read(hw, REG_MDIC);
        if (v & MDIC_READY)
            return v & MDIC_ERROR ? -EIO : (int)(v & 0xffff);
    }
    return -EIO;
}

static int phy_read(const struct e1000_hw *hw, u32 reg)
{
    return mdic(hw, reg << MDIC_REG_AT | MDIC_READ);
}

static void phy_write(const struct e1000_hw *hw, u32 reg, u32 v)
{
    mdic(hw, reg << MDIC_REG_AT | MDIC_WRITE | v);
}

/* ---- pause frames ---- */

struct dev_pause hw_eeprom_pause(const struct e1000_hw *hw)
{
    int word = hw_eeprom_word(hw, EEPROM_PAUSE_AT);
    u32 wish = word < 0 ? EEPROM_PAUSE : (u32)word & EEPROM_PAUSE;
    return (struct dev_pause){.autoneg = true, .rx = wish && wish != 0x2000, .tx = wish != 0};
}

/* What the chip does from here on. */
static void set(const struct e1000_hw *hw, bool rx, bool tx)
{
    u32 ctrl = hw_read(hw, REG_CTRL) & ~(CTRL_RFCE | CTRL_TFCE | CTRL_RST);
    hw_write(hw, REG_FCRTL, tx ? LOW_WATER | XON : 0);
    hw_write(hw, REG_FCRTH, tx ? HIGH_WATER : 0);
    hw_write(hw, REG_CTRL, ctrl | (rx ? CTRL_RFCE : 0) | (tx ? CTRL_TFCE : 0));
}

void hw_pause_start(struct e1000_hw *hw)
{
    const struct dev_pause *p = &hw->pause;
    hw_write(hw, REG_FCAL, PAUSE_ADDR_LOW);
    hw_write(hw, REG_FCAH, PAUSE_ADDR_HIGH);
    hw_write(hw, REG_FCT, PAUSE_TYPE);
    hw_write(hw, REG_FCTTV, PAUSE_TIME);
    if (!p->autoneg) {
        set(hw, p->rx, p->tx);
        return;
    }
    int was = phy_read(hw, PHY_ADVERTISES), ctrl = phy_read(hw, PHY_CTRL);
    u32 now = ((u32)was & ~(PHY_PAUSE | PHY_ASM)) | (p->rx ? PHY_PAUSE | PHY_ASM : p->tx ? PHY_ASM : 0);
    if (was < 0 || ctrl < 0 || now == (u32)was)
        return;
    phy_write(hw, PHY_ADVERTISES, now);
    phy_write(hw, PHY_CTRL, (u32)ctrl | PHY_CTRL_AUTONEG | PHY_CTRL_RESTART);
}

void hw_pause_link(struct e1000_hw *hw)
{
    const struct dev_pause *p = &hw->pause;
    int ours = phy_read(hw, PHY_ADVERTISES), peer = phy_read(hw, PHY_PEER);
    bool rx = p->rx, tx = false;

    if (!p->autoneg)
        return;
    if (ours >= 0 && peer >= 0) {
        if (ours & peer & PHY_PAUSE)
            tx = p->rx && p->tx;
        else if (!(ours & PHY_PAUSE))
            tx = (ours & PHY_ASM) && (peer & PHY_PAUSE) && (peer & PHY_ASM);
    }
    set(hw, rx, tx);
}

void hw_pause_now(const struct e1000_hw *hw, struct dev_pause *p)
{
    u32 ctrl = hw->rctl ? hw_read(hw, REG_CTRL) : 0;
    *p = hw->pause;
    if (!hw->rctl) /* it stands: as it shall be */
        return;
    p->rx = ctrl & CTRL_RFCE;
    p->tx = ctrl & CTRL_TFCE;
}
