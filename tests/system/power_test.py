#!/usr/bin/env python3
"""The ways in which a machine ends: told to, by its button, by panic; and that it ends as asked."""
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import PROMPT, SLOW, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402


def ends(m, seconds=20):
    status = m.wait(seconds)
    if status:
        raise Failure(f"QEMU ended with status {status}:\n{m.tail()}")


def typed(word, machine, **kind):
    with Machine(machine=machine, **kind) as m:
        m.ready()
        m.type(word + "\r")
        ends(m)


def button(machine):
    with Machine(machine=machine) as m:
        m.ready()
        m.monitor.do("system_powerdown")
        ends(m)


def panic(option, says, after):
    with Machine(cpus=2, append=option) as m:
        m.ready()
        m.type("panic\r")
        m.expect(r"\[?[yY]/?|sure|really|yes", 10)  # it asks first
        m.type("yes\r")
        m.expect(r"\npanic: ", 10)
        m.expect(says, 20)  # at the end of its report
        after(m)
        text = plain(m.text())
        if not re.search(r"\b[a-z_]+\+0x[0-9a-f]+/0x[0-9a-f]+", text):
            raise Failure("no symbols in the backtrace:\n" + m.tail(40))


def declined(m):
    m.type("panic\r")
    m.expect(r"\[?[yY]/?|sure|really|yes", 10)
    m.type("no\r")
    m.expect(re.escape(PROMPT), 10)
    if m.command("echo alive") != "alive":
        raise Failure("does not answer after a panic that was declined")


def halted(m):
    """It stays where it is: each CPU is halted and hears no interrupt, and QEMU goes on."""
    until = time.monotonic() + 20 * SLOW
    while True:
        cpus = re.findall(r"RIP=\w+ RFL=(\w+).*HLT=(\d)", m.monitor.human("info registers -a"))
        if len(cpus) == 2 and all(halt == "1" and not int(flags, 16) & 0x200 for flags, halt in cpus):
            break
        if time.monotonic() >= until:
            raise Failure(f"not all CPUs have stopped: {cpus}\n" + m.tail())
    if m.process.poll() is not None:
        raise Failure("has ended:\n" + m.tail())


def main():
    report = Report()
    for machine in ("q35", "pc"):
        report.run(f"poweroff_{machine}", typed, "poweroff", machine)
        report.run(f"reboot_{machine}", typed, "reboot", machine)
        report.run(f"power_button_{machine}", button, machine)
    report.run("poweroff_4_cpus", lambda: typed("poweroff", "q35", cpus=4))
    report.run("panic_reboots", panic, "panic=reboot", r"last messages:", ends)
    report.run("panic_waits_and_reboots", panic, "panic=2", r"\nreboot in 2 s\r?\n", ends)
    report.run("panic_halts", panic, "panic=halt", r"\nhalted\r?\n", halted)

    def decline():
        with Machine() as m:
            m.ready()
            declined(m)
    report.run("panic_asks", decline)
    report.end()


if __name__ == "__main__":
    main()
