/* A fake 82540EM for tests of its driver: as QEMU's model behaves (and misbehaves), register by register.
 *
 *     host_e1000_init(&d, mac); d.sent = on_frame; driver_bind(&d.host.dev);
 *     host_e1000_arrive(&d, frame, n, 0)      a frame from the wire; false: it waits outside (no buffers, deaf, link
 * down) host_e1000_link(&d, false)
 *
 * What QEMU does: a reset clears nothing; a write to RCTL makes it deaf for a second; sending happens within the write
 * to TDT; with RDH == RDT frames wait outside; every received frame says that nobody has looked at its checksums.
 */
#ifndef HOST_E1000_DEV_H
#define HOST_E1000_DEV_H

#include "drivers/e1000/e1000_hw.h"
#include "host/bus.h"

#define E1000_REGION 0x20000u

struct host_e1000_props { /* of a context descriptor */
    u32 ipcss, ipcso, ipcse, tucss, tucso, tucse, paylen, hlen, mss;
    bool ip4, tcp;
};

struct host_e1000 {
    struct host_dev host;
    u32 reg[E1000_REGION / 4];
    u16 eeprom[64];
    u16 phy[32];
    u32 agreed; /* times that it was told to agree with its peer anew; the test brings the link back */
    u8 cfg[256];
    bool gone;      /* all ones everywhere */
    bool slow;      /* sends when host_e1000_send says so, as real chips do */
    bool eeprom_ok; /* it answers */
    u64 deaf_until; /* ns */
    u32 rctl_writes, rdt_writes, tdt_writes, itr_writes, interrupts, accesses;
    u32 contexts; /* descriptors of that kind that it has seen */

    void (*sent)(struct host_e1000 *d, const u8 *frame, u32 n);
    void (*before_icr)(struct host_e1000 *d); /* what another CPU does while a read of ICR is on its way */
    struct host_e1000_props props, tso;
    u32 size, frames, sums;
    bool cuts, tags;
    u16 tag;
    u8 header[256], data[0x10000 + 4];
};

void host_e1000_init(struct host_e1000 *d, const struct macaddr *mac);
/* flaw: bits of the descriptor's second word that are set as well (RXD_ERRORS, RXD_VP with a tag, ...). */
bool host_e1000_arrive(struct host_e1000 *d, const void *frame, u32 n, u64 flaw);
void host_e1000_send(struct host_e1000 *d); /* slow: all that TDT says */
void host_e1000_link(struct host_e1000 *d, bool up);
void host_e1000_raise(struct host_e1000 *d, u32 cause);
struct e1000_desc *host_e1000_desc(const struct host_e1000 *d, u32 ring, u32 at); /* ring: REG_RDBAL or REG_TDBAL */

#endif
