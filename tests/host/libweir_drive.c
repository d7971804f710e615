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
    int (*exec)(struct weir *w, const char *script, size_t n);
    int (*status)(const struct weir *w);
    void (*interrupt)(struct weir *w);
    struct weir_port *(*port_add)(struct weir *w, const char *name, const uint8_t mac[6], weir_frame *sent, void *arg);
    int (*port_rx)(struct weir_port *p, const void *frame, size_t n);
} lib = {weir_version, weir_start, weir_stop,   weir_time,      weir_set_time, weir_next_timer,
         weir_run,     weir_exec,  weir_status, weir_interrupt, weir_port_add, weir_port_rx};

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
    static const char *const names[] = {"weir_version",  "weir_start",      "weir_stop",     "weir_time",
                                        "weir_set_time", "weir_next_timer", "weir_run",      "weir_exec",
                                        "weir_status",   "weir_interrupt",  "weir_port_add", "weir_port_rx"};
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
    lib.run(); /* it settles */
    check("an_empty_stack_waits_for_nothing", lib.next_timer() == WEIR_NEVER);
    check("set_time", lib.set_time(5000) == 0 && lib.time() == 5000);
    lib.run();
    check("run_does_not_move_time", lib.time() == 5000);
    check("time_does_not_go_back", lib.set_time(4999) < 0 && lib.time() == 5000);
    check("time_does_not_end", lib.set_time(WEIR_NEVER) < 0 && lib.time() == 5000);
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

static struct {
    char text[2][400]; /* of output and of errors */
} heard;

static void hear(void *arg, int error, const char *text, size_t n)
{
    check("output_gets_its_argument", arg == &heard);
    strncat(heard.text[error], text, n);
}

static int say(struct weir *w, const char *script)
{
    memset(&heard, 0, sizeof(heard));
    return lib.exec(w, script, strlen(script));
}

static void drive_scripts(void)
{
    struct weir *w = lib.start(&(struct weir_options){sizeof(struct weir_options), 1, hear, &heard});
    struct weir *other = lib.start(NULL);
    check("status_before_the_first", lib.status(w) == 0);
    check("exec_of_nothing", lib.exec(w, "", 0) == 0);
    check("exec_gives_the_status", say(w, "A=one\nexit 7") == 7 && lib.status(w) == 7);
    check("exec_prints", say(w, "echo $A two") == 0 && !strcmp(heard.text[0], "one two\n") && !heard.text[1][0]);
    check("exec_of_an_unknown_command", say(w, "frob") == 127 && strstr(heard.text[1], "frob"));
    check("exec_refuses", say(w, "echo x; while") == 2 && !heard.text[0][0] && heard.text[1][0]);
    check("variables_are_of_one_stack", lib.exec(other, "test -z \"$A\"", 12) == 0);
    check("exec_writes_files", say(w, "echo 5 >/tmp/f; cat /tmp/f") == 0 && !strcmp(heard.text[0], "5\n"));
    check("files_under_tmp_are_of_all", lib.exec(other, "test -e /tmp/f", 14) == 0);
    check("exec_may_wait", say(w, "sleep 3; echo done") < 0 && lib.status(w) < 0 && lib.exec(w, "", 0) < 0);
    check("next_timer_tells_when_it_goes_on", lib.next_timer() == 3000000000);
    lib.set_time(lib.next_timer());
    check("next_timer_is_now_when_it_is_due", lib.next_timer() == lib.time());
    lib.run();
    check("exec_goes_on_in_run", lib.status(w) == 0 && !strcmp(heard.text[0], "done\n"));
    check("interrupt", say(w, "sleep 3; echo never") < 0 && (lib.interrupt(w), lib.run(), lib.status(w)) == 130);
    check("stop_ends_what_waits", lib.exec(other, "sleep 1000", 10) < 0);
    lib.stop(other);
    lib.stop(w);
    w = lib.start(NULL);
    check("files_end_with_the_last_stack", lib.exec(w, "test -e /tmp/f", 14) == 1);
    lib.stop(w);
}

static struct {
    unsigned n;
    uint8_t last[60];
} wire;

static void keep(void *arg, const void *frame, size_t n)
{
    check("a_frame_gets_its_argument", arg == &wire);
    wire.n++;
    memcpy(wire.last, frame, n < sizeof(wire.last) ? n : sizeof(wire.last));
}

static void drive_ports(void)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
    static const uint8_t who_has[] = "\xff\xff\xff\xff\xff\xff\2\0\0\0\0\2\x08\6\0\1\x08\0\6\4\0\1"
                                     "\2\0\0\0\0\2\x0a\0\0\2\0\0\0\0\0\0\x0a\0\0\1";
    struct weir *w = lib.start(NULL);
    struct weir_port *p = lib.port_add(w, "eth0", mac, keep, &wire);
    check("port_add", p != NULL);
    check("port_add_of_a_name_that_is_there", !lib.port_add(w, "eth0", mac, keep, &wire));
    check("port_add_of_no_name", !lib.port_add(w, "a/b", mac, keep, &wire));
    check("port_rx_while_it_is_down", lib.port_rx(p, who_has, 42) < 0);
    static const char up[] =
        "ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0; ip link add v0 link eth0 type vlan id 5";
    check("a_card_is_configured", lib.exec(w, up, sizeof(up) - 1) == 0);
    wire.n = 0;
    check("port_rx", lib.port_rx(p, who_has, 42) == 0);
    check("it_is_answered_at_once", wire.n == 1 && wire.last[21] == 2 && !memcmp(wire.last + 28, "\x0a\0\0\1", 4));
    check("port_rx_of_nothing", lib.port_rx(p, who_has, 0) < 0);
    check("port_rx_of_too_much", lib.port_rx(p, who_has, 65550) < 0);
    lib.stop(w);
}

int main(int argc, char **argv)
{
    if (argc > 1 && load(argv[1]))
        failed++;
    check("version", lib.version()[0] != 0);
    drive_time();
    drive_many();
    drive_scripts();
    drive_ports();
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
