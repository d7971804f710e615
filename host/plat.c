/* lib/plat.h on Linux. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/plat.h"

_Thread_local unsigned host_cpu;
unsigned host_cpus = 1;

void *mem_alloc(size_t size)
{
    void *p = NULL;
    return posix_memalign(&p, size >= CACHE_LINE ? CACHE_LINE : 16, size) ? NULL : p;
}

void *mem_zalloc(size_t size)
{
    void *p = mem_alloc(size);
    if (p)
        __builtin_memset(p, 0, size);
    return p;
}

void mem_free(void *p)
{
    free(p);
}

void panic(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    abort();
}
