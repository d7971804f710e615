/* A program of somebody else: knows host/weir.h and nothing more, and drives the library through it.
 *
 *     libweir_drive              linked with libweir.so
 *     libweir_drive PATH         as a plug-in, by dlopen and dlsym
 *
 * Prints one line per check, as tests/report.py wants it.
 */
#include "host/weir.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *(*version)(void);
    struct weir *(*start)(const struct weir_options *o);
    void (*stop)(struct weir *w);
    uint64_t (*time)(void);
    int (*set_time)(uint64_t ns);
    uint64_t (*next_timer)(void);
    void (*run)(void);
} lib = {weir_version, weir_start, weir_stop, weir_time, weir_set_time, weir_next_timer, weir_run};

static unsigned passed, failed;

static void check(const char *name, int truth)
{
    if (truth) {
        passed++;
        printf("ok %s\n", name);
    } else {
        failed++;
        printf("FAIL %s\n", name);
    }
}

static void *symbol(void *handle, const char *name)
{
    void *p = dlsym(handle, name);
    if (!p) {
        printf("FAIL %s: not exported\n0 passed, 1 failed, 0 skipped\n", name);
        exit(1);
    }
    return p;
}

static int load(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        printf("FAIL dlopen: %s\n", dlerror());
        return -1;
    }
    static const char *const names[] = {"weir_version",  "weir_start",      "weir_stop", "weir_time",
                                        "weir_set_time", "weir_next_timer", "weir_run"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        void *p = symbol(handle, names[i]);
        memcpy((char *)&lib + i * sizeof(p), &p, sizeof(p));
    }
    check("other_names_are_not_exported", !dlsym(handle, "clock_ns") && !dlsym(handle, "host_start"));
    return 0;
}

static void drive_time(void)
{
    check("without_a_stack_there_is_no_time", lib.time() == 0 && lib.set_time(1) < 0 && lib.next_timer() == WEIR_NEVER);
    struct weir *w = lib.start(NULL);
    check("start", w != NULL);
    check("time_begins_at_zero", lib.time() == 0);
    check("an_empty_stack_waits_for_nothing", lib.next_timer() == WEIR_NEVER);
    check("set_time", lib.set_time(5000) == 0 && lib.time() == 5000);
    lib.run();
    check("run_does_not_move_time", lib.time() == 5000);
    check("time_does_not_go_back", lib.set_time(4999) < 0 && lib.time() == 5000);
    lib.stop(w);
    w = lib.start(&(struct weir_options){.size = sizeof(struct weir_options), .seed = 7});
    check("time_begins_anew_after_the_last_stop", w && lib.time() == 0);
    lib.stop(w);
    lib.stop(NULL);
    check("options_of_an_unknown_size_are_refused", !lib.start(&(struct weir_options){.size = 3}));
}

static void drive_many(void)
{
    struct weir *w[50];
    int all = 1, apart = 1;
    for (int i = 0; i < 50; i++) {
        w[i] = lib.start(NULL);
        all &= w[i] != NULL;
        for (int j = 0; j < i; j++)
            apart &= w[i] != w[j];
    }
    check("many_stacks_in_one_process", all && apart);
    lib.set_time(1000000);
    lib.run();
    for (int i = 0; i < 50; i += 2)
        lib.stop(w[i]);
    lib.run();
    check("time_goes_on_for_the_rest", lib.time() == 1000000 && lib.set_time(2000000) == 0);
    for (int i = 1; i < 50; i += 2)
        lib.stop(w[i]);
}

int main(int argc, char **argv)
{
    if (argc > 1 && load(argv[1]))
        failed++;
    check("version", lib.version()[0] != 0);
    drive_time();
    drive_many();
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
