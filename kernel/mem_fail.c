/* Counts allocations and lets one of them fail. See mem_fail.h; nothing of it is called in a release build. */
#include "kernel/mem_fail.h"

#include "kernel/cmdline.h"
#include "lib/parse.h"
#include "lib/plat.h"

static u64 count, fail_at; /* fail_at 0: never */
static bool done;

bool mem_fail_now(void)
{
    u64 nr = atomic_add_relaxed(&count, 1);
    if (likely(nr != load_relaxed(&fail_at)))
        return false;
    store_relaxed(&done, true);
    log_write(LOG_NOTICE, "memory: allocation %llu fails, as was asked for", (unsigned long long)nr);
    return true;
}

void mem_fail_at(u64 n)
{
    store_relaxed(&done, false);
    store_relaxed(&fail_at, n ? load_relaxed(&count) + n : 0);
}

bool mem_failed(void)
{
    return load_relaxed(&done);
}

u64 mem_fail_count(void)
{
    return load_relaxed(&count);
}

static int option_failalloc(const char *value)
{
    u64 n;
    if (!PLAT_DEBUG || !value || parse_u64(value, 1, ~0ull, &n, NULL))
        return -EINVAL;
    mem_fail_at(n);
    return 0;
}

BOOT_OPTION(failalloc, "failalloc", option_failalloc, "N: the N-th allocation fails, once (debug builds)");
