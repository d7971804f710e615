/* The chip: registers and descriptors of the 82540EM, and what is done with registers alone.
 *
 * Sections are those of Intel's "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual"
 * (317453), for short SDM. What QEMU's model does otherwise is said where it matters; the driver fits both.
 *
 *     hw_reset -> hw_eeprom_mac | hw_ra_mac -> ... -> hw_start(rings) -> hw_rx_mode, hw_link ... -> hw_stop
 */
#ifndef DRIVERS_E1000_E1000_HW_H
#define DRIVERS_E1000_E1000_HW_H

#include "drivers/bus.h"
#include "net/dev/netdev.h"

/* ---- registers (SDM 13.4) ---- */
#define REG_CTRL   0x0000u
#define REG_STATUS 0x0008u
#define REG_EERD   0x0014u
#define REG_MDIC   0x0020u
#define REG_FCAL   0x0028u
#define REG_FCAH   0x002cu
#define REG_FCT    0x0030u
#define REG_VET    0x0038u
#define REG_ICR    0x00c0u
#define REG_ITR    0x00c4u
#define REG_IMS    0x00d0u
#define REG_IMC    0x00d8u
#define REG_RCTL   0x0100u
#define REG_FCTTV  0x0170u
#define REG_TCTL   0x0400u
#define REG_TIPG   0x0410u
#define REG_FCRTL  0x2160u
#define REG_FCRTH  0x2168u
#define REG_RDBAL  0x2800u
#define REG_RDBAH  0x2804u
#define REG_RDLEN  0x2808u
#define REG_RDH    0x2810u
#define REG_RDT    0x2818u
#define REG_RDTR   0x2820u
#define REG_RADV   0x282cu
#define REG_TDBAL  0x3800u
#define REG_TDBAH  0x3804u
#define REG_TDLEN  0x3808u
#define REG_TDH    0x3810u
#define REG_TDT    0x3818u
#define REG_TIDV   0x3820u
#define REG_TADV   0x382cu
#define REG_RXCSUM 0x5000u
#define REG_MTA    0x5200u /* 128 words */
#define REG_RA     0x5400u /* 16 pairs */
#define REG_VFTA   0x5600u /* 128 words */

/* statistics (SDM 13.7) */
#define REG_CRCERRS  0x4000u
#define REG_ALGNERRC 0x4004u
#define REG_SYMERRS  0x4008u
#define REG_RXERRC   0x400cu
#define REG_MPC      0x4010u
#define REG_ECOL     0x4018u
#define REG_LATECOL  0x4020u
#define REG_COLC     0x4028u
#define REG_TNCRS    0x4034u
#define REG_CEXTERR  0x403cu
#define REG_RLEC     0x4040u
#define REG_RUC      0x40a4u
#define REG_ROC      0x40acu

#define CTRL_FD   0x00000001u
#define CTRL_ASDE 0x00000020u
#define CTRL_SLU  0x00000040u
#define CTRL_RST  0x04000000u
#define CTRL_RFCE 0x08000000u /* pause frames that come are obeyed */
#define CTRL_TFCE 0x10000000u /* and are sent */
#define CTRL_VME  0x40000000u /* tags are taken out; QEMU puts none in either without it */

#define STATUS_LU       0x00000002u
#define STATUS_SPEED_AT 6 /* 10, 100, 1000, 1000 Mbit/s */

#define EERD_START      0x01u
#define EERD_DONE       0x10u
#define EEPROM_PAUSE_AT 0x0fu
#define EEPROM_PAUSE    0x3000u /* 0: no flow control; 0x2000: pause frames are sent alone; else both ways */
#define EEPROM_SUM      0xbabau /* of words 0 .. 0x3f (SDM 5.6.35) */

/* The PHY, by MDIC (SDM 13.4.15): data 15..0 | register 20..16 | PHY 25..21 | operation */
#define MDIC_REG_AT      16
#define MDIC_PHY         (1u << 21)
#define MDIC_WRITE       (1u << 26)
#define MDIC_READ        (2u << 26)
#define MDIC_READY       (1u << 28)
#define MDIC_ERROR       (1u << 30)
/* its registers (IEEE 802.3 22.2.4, 28B) */
#define PHY_CTRL         0u
#define PHY_ADVERTISES   4u
#define PHY_PEER         5u
#define PHY_CTRL_RESTART 0x0200u
#define PHY_CTRL_AUTONEG 0x1000u
#define PHY_PAUSE        0x0400u
#define PHY_ASM          0x0800u

#define ICR_TXDW 0x01u
#define ICR_LSC  0x04u
#define ICR_RXO  0x40u
#define ICR_RXT0 0x80u

#define RCTL_EN    0x00000002u
#define RCTL_UPE   0x00000008u
#define RCTL_LPE   0x00000020u
#define RCTL_BAM   0x00008000u
#define RCTL_VFE   0x00040000u /* tags are let in by VFTA */
#define RCTL_SECRC 0x04000000u /* buffers of 2048 bytes: BSIZE 0, BSEX 0 */

#define TCTL_EN   0x00000002u
#define TCTL_PSP  0x00000008u
#define TCTL_CT   0x00000100u /* 16 tries */
#define TCTL_COLD 0x00040000u /* 64 byte times: full duplex */

#define RXCSUM_ON  0x300u /* IPOFL, TUOFL; QEMU does not have the register: reads 0 */
#define RAH_VALID  0x80000000u
#define RA_N       16u /* the first is the station's own */
#define MTA_WORDS  128u
#define VFTA_WORDS 128u

/* ---- descriptors: two words of 64 bits, little endian (SDM 3.2.3, 3.3.3 ... 3.3.7) ---- */
struct e1000_desc {
    u64 addr;
    u64 word;
};

/* received: special 63..48 | errors 47..40 | status 39..32 | checksum 31..16 | length 15..0 */
#define RXD_DD      (1ull << 32)
#define RXD_EOP     (1ull << 33)
#define RXD_IXSM    (1ull << 34) /* nobody has looked at the checksums; QEMU never does */
#define RXD_VP      (1ull << 35)
#define RXD_TCPCS   (1ull << 37)
#define RXD_ERRORS  (0x97ull << 40) /* RXE, CXE, SEQ, SE, CE: the frame is broken */
#define RXD_TCPE    (0x20ull << 40)
#define RXD_IPE     (0x40ull << 40)
#define RXD_LOOK    (RXD_DD | RXD_EOP | RXD_VP | RXD_ERRORS)
#define RXD_PLAIN   (RXD_DD | RXD_EOP) /* of them, in a frame of one good piece without a tag */
#define RXD_VLAN_AT 48

/* sent: special 63..48 | options or CSS 47..40 | status 39..32 | command 31..24 | type 23..20 | length 19..0 */
#define TXD_DATA    (1ull << 20) /* with DEXT: data that follows a context */
#define TXD_EOP     (1ull << 24)
#define TXD_IFCS    (1ull << 25)
#define TXD_TSE     (1ull << 26)
#define TXD_RS      (1ull << 27)
#define TXD_DEXT    (1ull << 29)
#define TXD_VLE     (1ull << 30)
#define TXD_DD      (1ull << 32)
#define TXD_IXSM    (1ull << 40) /* the IP header's checksum is to be put in */
#define TXD_TXSM    (1ull << 41) /* TCP's or UDP's */
#define TXD_VLAN_AT 48

/* context (SDM 3.3.6). addr: TUCSE 63..48 TUCSO TUCSS | IPCSE 31..16 IPCSO IPCSS; word: MSS 63..48 HDRLEN 47..40 ... */
#define CTX_TUCSS_AT  32
#define CTX_TUCSO_AT  40
#define CTX_IPCSO_AT  8
#define CTX_IPCSE_AT  16
#define CTX_TCP       (1ull << 24)
#define CTX_IP4       (1ull << 25)
#define CTX_HDRLEN_AT 40
#define CTX_MSS_AT    48
#define CTX_MOST      255u /* of offsets and of the headers' length */

struct e1000_hw {
    struct bus_regs regs;
    u32 rctl;               /* as it was written when the chip was started; 0: it stands */
    struct dev_pause pause; /* as asked for */
    u32 stat_was[8];        /* hw_stats: of registers that do not clear when they are read */
};

static inline u32 hw_read(const struct e1000_hw *hw, u32 reg)
{
    return bus_read32(&hw->regs, reg);
}

static inline void hw_write(const struct e1000_hw *hw, u32 reg, u32 v)
{
    bus_write32(&hw->regs, reg, v);
}

int hw_reset(struct e1000_hw *hw); /* quiet afterwards, whatever the firmware left; -ENODEV: it does not answer */
int hw_eeprom_word(const struct e1000_hw *hw, u32 at);           /* -EIO: it does not answer */
int hw_eeprom_mac(const struct e1000_hw *hw, struct macaddr *m); /* -EIO: no answer, wrong sum, no station's */
int hw_ra_mac(const struct e1000_hw *hw, struct macaddr *m);     /* what the chip has in its filter; -EIO likewise */
void hw_set_mac(const struct e1000_hw *hw, const struct macaddr *m);
bool hw_checks_sums(const struct e1000_hw *hw); /* can it verify checksums on the way in? */
void hw_rings(const struct e1000_hw *hw, u64 rx, u32 rx_n, u64 tx, u32 tx_n); /* DMA addresses, descriptors */
void hw_start(struct e1000_hw *hw, bool promisc); /* receives and sends; in QEMU the first second is deaf */
void hw_stop(struct e1000_hw *hw);                /* touches no memory any more, interrupts nobody */
void hw_promisc(struct e1000_hw *hw);             /* at run time: on, for as long as it runs; deaf for a second */
void hw_multicast(const struct e1000_hw *hw, const struct netdev *dev); /* its list, or all of them */
void hw_vlans(const struct e1000_hw *hw, const struct netdev *dev);     /* those that are wanted, or all */
/* ---- pause frames: e1000_phy.c ---- */
struct dev_pause hw_eeprom_pause(const struct e1000_hw *hw); /* what the card's maker wishes */
void hw_pause_start(struct e1000_hw *hw);                    /* the link may go and come: it is agreed on anew */
void hw_pause_link(struct e1000_hw *hw);                     /* the link came: as both sides agreed */
void hw_pause_now(const struct e1000_hw *hw, struct dev_pause *p);

bool hw_link(const struct e1000_hw *hw);
u32 hw_speed(const struct e1000_hw *hw);                 /* Mbit/s, while there is a link */
void hw_stats(struct e1000_hw *hw, struct hw_stats *to); /* adds what was counted since */

#endif
