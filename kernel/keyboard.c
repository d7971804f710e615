/* The PS/2 keyboard: the i8042 delivers scan codes of set 1 by IRQ 1, kernel/keymap.c makes bytes of them, the console
 * takes them.
 *
 * Every wait is bounded; a machine without a controller (reads of all ones, or one that never gets ready) is left
 * alone. The second port (a mouse) stays switched off. An interrupt takes at most TURN bytes. Keys for which the
 * console has no room are counted there.
 */
#include "kernel/keyboard.h"
#include "kernel/acpi.h"
#include "kernel/console_in.h"
#include "kernel/irq.h"
#include "kernel/keymap.h"
#include "kernel/power.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define DATA       0x60
#define STATUS     0x64
#define COMMAND    0x64
#define OUT_FULL   0x01 /* status: a byte waits for us */
#define IN_FULL    0x02 /* status: the controller has not taken ours yet */
#define FROM_MOUSE 0x20

#define READ_CONFIG  0x20
#define WRITE_CONFIG 0x60
#define MOUSE_OFF    0xa7
#define SELF_TEST    0xaa
#define KEYBOARD_OFF 0xad
#define KEYBOARD_ON  0xae

#define CONFIG_IRQ       0x01
#define CONFIG_MOUSE_IRQ 0x02
#define CONFIG_OFF       0x10 /* the keyboard's clock is stopped */
#define CONFIG_MOUSE_OFF 0x20
#define CONFIG_TRANSLATE 0x40 /* to set 1 */

#define KEYBOARD_ENABLE 0xf4
#define POLLS           20000 /* of about a microsecond each */
#define TURN            16    /* bytes an interrupt takes */

static struct keymap keymap;

static bool wait_status(u8 mask, u8 value)
{
    for (unsigned i = 0; i < POLLS; i++) {
        u8 s = inb(STATUS);
        if (s == 0xff)
            return false;
        if ((s & mask) == value)
            return true;
        cpu_pause();
    }
    return false;
}

static bool send(u16 port, u8 v)
{
    if (!wait_status(IN_FULL, 0))
        return false;
    outb(port, v);
    return true;
}

static bool receive(u8 *v)
{
    if (!wait_status(OUT_FULL, OUT_FULL))
        return false;
    *v = inb(DATA);
    return true;
}

static bool keyboard_interrupt(void *arg)
{
    char text[KEYMAP_MAX];
    bool mine = false;

    for (unsigned n = 0; n < TURN; n++) {
        u8 status = inb(STATUS);
        if (status == 0xff || !(status & OUT_FULL))
            break;
        u8 code = inb(DATA);
        mine = true;
        if (status & FROM_MOUSE)
            continue;
        size_t len = keymap_feed(&keymap, code, text);
        if (len)
            console_input(CONSOLE_KEYBOARD, text, len);
        if (keymap.reboot) {
            keymap.reboot = false;
            power_request(POWER_REBOOT, "Ctrl-Alt-Delete");
        }
    }
    return mine;
}

/* The controller answers, both ports off, its buffer empty. */
static bool controller_found(void)
{
    u8 v;

    if (inb(STATUS) == 0xff || !send(COMMAND, KEYBOARD_OFF) || !send(COMMAND, MOUSE_OFF))
        return false;
    for (unsigned i = 0; i < TURN && inb(STATUS) & OUT_FULL; i++)
        inb(DATA);
    return send(COMMAND, SELF_TEST) && receive(&v) && v == 0x55;
}

static bool configure(u8 config)
{
    return send(COMMAND, WRITE_CONFIG) && send(DATA, config);
}

void keyboard_init(void)
{
    u8 config, answer;

    if (acpi.fadt && acpi.revision >= 2 && !acpi.i8042_present && acpi.hw_reduced)
        return;
    if (!controller_found() || !send(COMMAND, READ_CONFIG) || !receive(&config))
        return;
    config &= (u8) ~(CONFIG_IRQ | CONFIG_MOUSE_IRQ | CONFIG_OFF);
    config |= CONFIG_TRANSLATE | CONFIG_MOUSE_OFF;
    if (!configure(config) || !send(COMMAND, KEYBOARD_ON))
        return;
    if (send(DATA, KEYBOARD_ENABLE))
        receive(&answer); /* its acknowledgement; a machine without a keyboard gives none */
    int irq = irq_request_isa(1, "i8042", keyboard_interrupt, NULL);
    if (irq < 0) {
        log_write(LOG_WARN, "keyboard: no interrupt (error %d)", -irq);
        return;
    }
    /* Last: the line is an edge, and for a key that came before somebody listened there would never be another. */
    if (!configure(config | CONFIG_IRQ))
        log_write(LOG_WARN, "keyboard: the i8042 does not take its configuration");
    log_write(LOG_INFO, "keyboard: i8042, US layout");
}
