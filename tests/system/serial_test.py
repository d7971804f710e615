#!/usr/bin/env python3
"""The serial console where it is not what it mostly is: at another port, which ACPI's SPCR names; without an interrupt;
with much typed ahead."""
import re
import struct
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import AGAIN, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402


def com2(chardev="console"):
    return ["-device", f"isa-serial,iobase=0x2f8,irq=3,chardev={chardev}"]


def spcr(folder, port, line):
    """An SPCR of revision 2: a full 16550 at an I/O port with an ISA interrupt, 115200 baud."""
    gas = struct.pack("<BBBBQ", 1, 8, 0, 1, port)
    body = struct.pack("<B3x", 0) + gas + struct.pack("<BBIBBBBBBHHBBBIBI", 1, line, 0, 7, 0, 1, 0, 3, 0, 0xffff, 0xffff,
                                                      0, 0, 0, 0, 0, 0)
    table = b"SPCR" + struct.pack("<IBB6s8sI4sI", 36 + len(body), 2, 0, b"WEIR", b"SPCRTEST", 1, b"TEST", 1) + body
    path = Path(folder) / f"spcr-{port:x}"
    path.write_bytes(table[:9] + bytes([-sum(table) & 0xff]) + table[10:])
    return ["-acpitable", f"file={path}"]


def answers(m, wanted):
    m.ready()
    if m.command("echo here") != "here":
        raise Failure("does not answer:\n" + m.tail())
    told = plain(m.text())
    for pattern in wanted:
        if not re.search(pattern, told):
            raise Failure(f"{pattern!r} was not said:\n{told}")


def at_com2(folder, extra, firmware="qboot", machine="q35"):
    """The console is COM2, from the first message on."""
    with Machine(machine=machine, firmware=firmware, serial=com2(), extra=[*spcr(folder, 0x2f8, 3), *extra]) as m:
        answers(m, [r"Weir \S+, build", r"console: ttyS1, as firmware says", r"memory: \d+"])
        if len(re.findall(r"Weir \S+, build", plain(m.text()))) != 1:
            raise Failure("was said twice:\n" + m.text())
        if not re.search(r"(?m)^1: uart:16550A port:000002F8 irq:3 ", m.command("cat /proc/tty/driver/serial")):
            raise Failure("is another port:\n" + m.tail())


def nothing_there(folder):
    """SPCR names a port behind which nothing is: the console stays where it was."""
    with Machine(extra=spcr(folder, 0x3e8, 4)) as m:
        answers(m, [r"SPCR names a serial port at 3e8, but nothing answers there"])


def console_wins(folder):
    """What the command line names is the console, whatever firmware says."""
    with Machine(append="console=ttyS0", extra=[*spcr(folder, 0x2f8, 3), "-chardev", "null,id=no", *com2("no")]) as m:
        m.ready()
        if "as firmware says" in m.command("dmesg"):
            raise Failure("firmware was heard:\n" + m.tail())



def polled():
    with Machine(append="console=ttyS0,115200,poll") as m:
        answers(m, [r"console: ttyS0: polled, as asked for"])
        if "ttyS0" in m.command("cat /proc/interrupts"):
            raise Failure("it has an interrupt:\n" + m.tail())
        lines = [f"echo line {n}" for n in range(50)]
        start = m.seen
        m.type("\r".join(lines) + "\recho the end\r")
        m.expect(r"\nthe end\r*" + AGAIN, 30)
        got = re.findall(r"(?m)^line (\d+)$", plain(m.log[start:m.seen].decode()))
        if got != [str(n) for n in range(50)]:
            raise Failure(f"{len(got)} of 50 pasted lines were answered")
        m.type("sleep 100\r")
        m.expect(r"sleep 100[^\n]*\n")  # the editor may draw between the two
        m.type("\x03")
        m.expect(r"\^C\r?" + AGAIN, 20)


def typed_ahead():
    """Ctrl-C behind 40 KiB, typed while a command runs that reads nothing: it ends, and so does what was typed."""
    with Machine(cpus=2) as m:
        m.ready()
        m.type("sleep 1000\r")
        m.expect(r"sleep 1000[^\n]*\n")
        m.type("echo ahead\r" * 4096 + "\x03")
        m.expect(r"\^C\r?" + AGAIN, 20)
        if m.command("echo behind") != "behind" or re.search(r"(?m)^ahead", plain(m.text())):
            raise Failure("what was typed ahead was run:\n" + m.tail())


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        com1 = ["-chardev", "null,id=no", "-device", "isa-serial,iobase=0x3f8,irq=4,chardev=no"]
        report.run("spcr_com2_alone", at_com2, folder, [])
        report.run("spcr_com2_beside_com1", at_com2, folder, com1)
        report.run("spcr_com2_pc_seabios", at_com2, folder, [], "seabios", "pc")
        report.run("spcr_nothing_there", nothing_there, folder)
        report.run("spcr_console_option_wins", console_wins, folder)
    report.run("polled", polled)
    report.run("ctrl_c_passes_what_was_typed_ahead", typed_ahead)
    report.end()


if __name__ == "__main__":
    main()
