/* Where the INTx pins of PCI functions arrive, without an interpreter for AML: by the chipset's own registers.
 *
 *     82371SB (PIIX3, machine pc)   pin -> PIRQ (slot + pin - 2) & 3 -> ISA line by PIRQRC 60h-63h, bit 7: off
 *     82801I  (ICH9, machine q35)   slots 0-24: GSI 20 + (slot + pin - 1) % 4; 25-31 by DnnIR, whose reset values give
 *                                   GSI 16 + pin - 1
 *     a bridge told by the DSDT     its four lines in turn (kernel/acpi_bridge.c)
 *     others                        the Interrupt Line register as a GSI, when firmware wrote one
 *
 * A PIIX3 whose routes firmware left off gets the routes that firmware would have made: 10, 10, 11, 11.
 */
#include "kernel/acpi.h"
#include "kernel/irq.h"
#include "kernel/pci.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define LPC_PC     PCI_BDF(0, 1, 0) /* where each chipset has its bridge to ISA */
#define LPC_Q35    PCI_BDF(0, 31, 0)
#define PIIX3      0x70008086
#define ICH9_LPC   0x29188086
#define PIRQ_OFF   0x80
#define PIIX_ROUTE 0x60
#define ELCR       0x4d0 /* edge or level of ISA lines, one bit each */

enum chipset { CHIPSET_NOT_LOOKED, CHIPSET_OTHER, CHIPSET_PIIX3, CHIPSET_ICH9 };

/* Routes that are off are made; and their lines are level, as the override in MADT says. */
static void piix_routes(void)
{
    u32 v = pci_cfg_read(LPC_PC, PIIX_ROUTE, 4), lines = 0;
    static const u8 usual[4] = {10, 10, 11, 11};
    for (unsigned i = 0; i < 4; i++) {
        u8 line = (u8)(v >> 8 * i);
        if (line & PIRQ_OFF)
            line = usual[i];
        v = (v & ~(0xffu << 8 * i)) | (u32)line << 8 * i;
        lines |= 1u << (line & 15);
    }
    pci_cfg_write(LPC_PC, PIIX_ROUTE, 4, v);
    outb(ELCR, inb(ELCR) | (u8)lines);
    outb(ELCR + 1, inb(ELCR + 1) | (u8)(lines >> 8));
}

static enum chipset look(void)
{
    static enum chipset found;
    if (found != CHIPSET_NOT_LOOKED)
        return found;
    found = CHIPSET_OTHER;
    if (pci_cfg_read(LPC_PC, 0, 4) == PIIX3) {
        found = CHIPSET_PIIX3;
        piix_routes();
    } else if (pci_cfg_read(LPC_Q35, 0, 4) == ICH9_LPC) {
        found = CHIPSET_ICH9;
    }
    return found;
}

int irq_intx(unsigned slot, unsigned pin, u8 line, unsigned *flags)
{
    if (pin < 1 || pin > 4)
        return -ENXIO;
    if (acpi.bridge.lines) {
        *flags = IRQ_LEVEL | (acpi.bridge.low ? IRQ_LOW : IRQ_HIGH);
        return (int)acpi.bridge.gsi[(slot + pin - 1) % 4];
    }
    *flags = IRQ_LEVEL | IRQ_LOW;
    switch (look()) {
    case CHIPSET_ICH9: return (int)(slot < 25 ? 20 + (slot + pin - 1) % 4 : 16 + pin - 1);
    case CHIPSET_PIIX3: line = (u8)(pci_cfg_read(LPC_PC, PIIX_ROUTE, 4) >> 8 * ((slot + pin - 2) & 3)); break;
    default: break;
    }
    if (line == 0 || line >= 0x80)
        return -ENXIO;
    u32 gsi;
    irq_isa_gsi(line, &gsi, flags);
    *flags = IRQ_LEVEL | (*flags & IRQ_LOW ? IRQ_LOW : IRQ_HIGH);
    return (int)gsi;
}
