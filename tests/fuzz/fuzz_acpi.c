/* ACPI tables: the input is the machine's memory from 0, the RSDP at its start. Checksums are made right as bytes are
 * mapped, or nothing but the checksum would ever be tested; each mapping is a block of its own, so that the sanitizer
 * sees a step beyond what was asked for. */
#include <stdlib.h>
#include <string.h>

#include "kernel/acpi_table.h"

#define MAPPINGS 2048

struct memory {
    const uint8_t *p;
    size_t n;
    void *mapped[MAPPINGS];
    unsigned count;
};

static void fix_sum(uint8_t *p, size_t n, size_t at)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    p[at] -= sum;
}

static const u8 *map(void *arg, u64 phys, size_t n)
{
    struct memory *m = arg;
    if (phys >= m->n || n > m->n - phys || m->count == MAPPINGS)
        return NULL;
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, m->p + phys, n);
    if (n >= 20 && memcmp(copy, "RSD PTR ", 8) == 0) {
        fix_sum(copy, 20, 8);
        if (n >= 36)
            fix_sum(copy, 36, 32);
    } else if (n >= 36) {
        fix_sum(copy, n, 9);
    }
    m->mapped[m->count++] = copy;
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct acpi_info a;
    struct memory m = {.p = p, .n = n};
    if (n > 65536)
        return 0;
    acpi_read(&a, 0, map, &m);
    if (a.cpus > ACPI_CPUS || a.ioapics > ACPI_IOAPICS || a.overrides > ACPI_OVERRIDES || a.nmis > ACPI_NMIS ||
        a.ecams > ACPI_ECAMS || a.s5_a > 7 || a.s5_b > 7)
        abort();
    while (m.count)
        free(m.mapped[--m.count]);
    acpi_rsdp_find(p, n);
    acpi_read_s5(&a, p, n);
    return 0;
}
