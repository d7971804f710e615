#!/usr/bin/env python3
"""The ways in which a machine ends: told to, by its button, by panic; and that it ends as asked."""
import re
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import PROMPT, Machine, plain  # noqa: E402
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
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/monitor"
        with Machine(machine=machine, extra=["-monitor", f"unix:{path},server=on,wait=off"]) as m:
            m.ready()
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"system_powerdown\n")
                ends(m)


def panic(option, after):
    with Machine(cpus=2, append=option) as m:
        m.ready()
        m.type("panic\r")
        m.expect(r"\[?[yY]/?|sure|really|yes", 10)  # it asks first
        m.type("yes\r")
        m.expect(r"(?i)panic", 10)
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
    """It stays where it is: nothing comes, and QEMU goes on."""
    for _ in range(15):
        if not m.read(0.2):
            raise Failure("has ended:\n" + m.tail())


def main():
    report = Report()
    for machine in ("q35", "pc"):
        report.run(f"poweroff_{machine}", typed, "poweroff", machine)
        report.run(f"reboot_{machine}", typed, "reboot", machine)
        report.run(f"power_button_{machine}", button, machine)
    report.run("poweroff_4_cpus", lambda: typed("poweroff", "q35", cpus=4))
    report.run("panic_reboots", panic, "panic=reboot", ends)
    report.run("panic_waits_and_reboots", panic, "panic=2", ends)
    report.run("panic_halts", panic, "panic=halt", halted)

    def decline():
        with Machine() as m:
            m.ready()
            declined(m)
    report.run("panic_asks", decline)
    report.end()


if __name__ == "__main__":
    main()
