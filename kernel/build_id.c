/* Which image this is: the GNU build id, a hash that the linker makes of what it linked, found in its note. The note's
 * place is the linker script's (image_build_id); its sizes are checked all the same, since --build-id may be off. */
#include "kernel/build_id.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define NT_GNU_BUILD_ID 3
#define BYTES_MAX       32

struct note {
    u32 name_size, size, type;
    char name[4];
    u8 id[];
};

extern const struct note image_build_id __attribute__((weak));

const char *build_id(void)
{
    static char text[2 * BYTES_MAX + 1];
    const struct note *n = &image_build_id;

    if (text[0] || !n || n->name_size != 4 || n->type != NT_GNU_BUILD_ID || memcmp(n->name, "GNU", 4) != 0)
        return text;
    for (u32 i = 0; i < n->size && i < BYTES_MAX; i++)
        fmt(text + 2 * i, 3, "%02x", n->id[i]);
    return text;
}
