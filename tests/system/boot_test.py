#!/usr/bin/env python3
"""What Weir says while it comes up, where its configuration comes from, and what it thinks of its command line."""
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, ROOT, Machine, arguments, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

VERSION = (ROOT / "VERSION").read_text().strip()
SAID = [  # what the console tells at every boot: a name, and how it looks
    ("version", rf"[Ww]eir {re.escape(VERSION)}\b"),
    ("build id", r"build [0-9a-f]{8,40}"),
    ("memory", r"(?i)memory.*\d+ (KiB|MiB)"),
    ("cpus", r"(?i)\b2 cpus\b|cpus?:? 2\b"),
    ("clock", r"(?i)clock.*(tsc|hpet|pm timer|pmtimer|pit).*"),
    ("entropy", r"(?i)entropy.*(rdrand|virtio-rng|jitter)"),
    ("function with a driver", r"00:[0-9a-f]{2}\.\d.*virtio-rng"),
    ("function without a driver", r"00:[0-9a-f]{2}\.\d.*no driver"),
]


def expect_all(text, wanted):
    missing = [f"{name} ({pattern})" for name, pattern in wanted if not re.search(pattern, text)]
    if missing:
        raise Failure("not told: " + ", ".join(missing) + "\n" + text)


def messages():
    with Machine(cpus=2, extra=["-device", "virtio-rng-pci", "-device", "VGA"]) as m:
        m.ready()
        expect_all(plain(m.text()) + m.command("dmesg"), SAID)


def boots_with(wanted, unwanted=None, **kind):
    with Machine(cpus=1, **kind) as m:
        m.ready()
        text = plain(m.text())
        if not re.search(wanted, text):
            raise Failure(f"{wanted!r} was not said:\n{text}")
        if unwanted and re.search(unwanted, text):
            raise Failure(f"{unwanted!r} was said:\n{text}")


def newc(files):
    """A cpio archive (newc) of name -> text."""
    out = b""
    for name, text in [*files.items(), ("TRAILER!!!", "")]:
        body, label = text.encode(), name.encode() + b"\0"
        fields = [0, 0o100644, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(label), 0]
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + label
        out += b"\0" * (-len(out) % 4)
        out += body + b"\0" * (-len(body) % 4)
    return out


def configurations(report, folder):
    def conf(name, text):
        path = Path(folder) / name
        path.write_text(text)
        return path

    first = conf("first", "NAME=module\necho \"conf from $NAME\"\n")
    second = conf("second", "echo 'conf from fw_cfg'\n")
    wrong = conf("wrong", "echo never\necho also never\nif true; then echo x; fi\n")
    failing = conf("failing", "echo one\ncat /no/such/file\necho three\n")
    fw_cfg = ["-fw_cfg", f"name=opt/weir/conf,file={second}"]
    report.run("conf_from_module", lambda: boots_with(r"(?m)^conf from module$", initrd=first))
    report.run("conf_from_fw_cfg", lambda: boots_with(r"(?m)^conf from fw_cfg$", extra=fw_cfg))
    report.run("conf_fw_cfg_before_module", lambda: boots_with(r"(?m)^conf from fw_cfg$", r"(?m)^conf from module$",
                                                               initrd=first, extra=fw_cfg))
    archive = Path(folder) / "archive"
    archive.write_bytes(newc({"weir.conf": "cat /etc/rules/words\n", "rules/words": "conf from cpio\n"}))
    named = Path(folder) / "named"
    named.write_bytes(newc({"weir.conf": "echo conf from cpio\n", "b.conf": "echo conf by name\n"}))
    report.run("conf_from_cpio", lambda: boots_with(r"(?m)^conf from cpio$", initrd=archive))
    report.run("conf_of_a_name_in_cpio", lambda: boots_with(r"(?m)^conf by name$", r"(?m)^conf from", extra=fw_cfg,
                                                            initrd=named, append="conf=b.conf"))
    report.run("conf_that_is_not_there", lambda: boots_with(r"conf=nowhere: no boot module and no file in one has that name", initrd=first,
                                                            append="conf=nowhere"))
    report.run("conf_refused_before_it_runs", lambda: boots_with(r"(?i)line 3\b", r"(?m)^(also )?never$", initrd=wrong))
    still = conf("still", "sysctl -w kernel.printk=1\n")
    report.run("conf_quiet_but_ready", lambda: boots_with(r"kernel.printk = 1\b", initrd=still))
    report.run("conf_goes_on_after_a_failure", lambda: boots_with(r"(?s)\none\n.*/no/such/file.*\nthree\n.*stays off",
                                                                  initrd=failing))


def options(report):
    report.run("option_unknown_is_named", lambda: boots_with(r"(?i)(unknown|not known|nobody).*nonsense|nonsense.*(unknown|"
                                                             r"not known|nobody|no such)", append="nonsense=1"))
    report.run("option_loglevel", quiet)


def one_cpu():
    """Firmware without ACPI: the second CPU stays off, and the log says why."""
    with Machine(machine="pc,acpi=off", firmware="seabios", cpus=2) as m:
        m.ready()
        expect_all(plain(m.text()), [("why", r"acpi: none.*one CPU runs: without a MADT"), ("cpu", r"cpu: 1 x")])


def without_entropy():
    """A CPU without a generator whose every instruction takes the same time: it says what it waits for, and with a
    generator it does not wait."""
    def words(*more):
        return [w.replace("thread=multi", "thread=single") for w in
                arguments(cpu="qemu64", extra=["-icount", "shift=0,sleep=off", *more])]
    with Machine(words=words()) as m:
        m.expect(r"entropy: \d+ of 256 bits: waiting for a generator")
    with Machine(words=words("-device", "virtio-rng-pci")) as m:
        m.ready()
        expect_all(plain(m.text()), [("from what", r"entropy: .*virtio-rng")])


def no_clock(machine):
    """Nothing to measure time by: told, and no hang."""
    with Machine(machine=machine) as m:
        m.expect(r"panic: clock: this machine has no HPET, PM timer or PIT to measure time by", 20)


def quiet():
    with Machine(append="loglevel=3") as m:
        m.ready()
        if "no driver" in m.text():
            raise Failure("told at loglevel=3:\n" + m.text())
        if "no driver" not in m.command("dmesg"):
            raise Failure("dmesg does not have what the console did not show:\n" + m.text())


class Debugger:
    """As much of GDB's remote protocol as it takes to stop a CPU somewhere and to change a register there."""
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)

    def ask(self, words):
        self.socket.sendall(b"+$%s#%02x" % (words, sum(words) & 0xff))
        got = b""
        while not (m := re.search(rb"\$([^#]*)#..", got)):
            more = self.socket.recv(4096)
            if not more:
                raise Failure("the debugger's line went dead")
            got += more
        return m.group(1)

    def run_to(self, at):
        if self.ask(b"Z1,%x,1" % at) != b"OK" or not self.ask(b"c").startswith(b"T05") or self.ask(b"z1,%x,1" % at) != b"OK":
            raise Failure(f"no stop at {at:#x}")


def flags_at_entry():
    """A loader promises that interrupts are off, and nothing about the other flags: C begins with none of them."""
    image = BUILD / "weir.elf"
    symbols = subprocess.run(["nm", image], capture_output=True, text=True, check=True).stdout
    entry, c = (int(re.search(rf"(?m)^(\w{{16}}) \w {name}$", symbols).group(1), 16) for name in ("entry_pvh", "boot_main"))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/gdb"
        with Machine(image=image, extra=["-S", "-gdb", f"unix:{path},server=on,wait=off"]) as m:
            until = time.monotonic() + 10
            while not Path(path).exists() and time.monotonic() < until:
                time.sleep(0.05)
            g = Debugger(path)
            g.ask(b"qXfer:features:read:target.xml:0,ffb")  # who has not read it may not name a register
            g.run_to(entry - 0xffffffff80000000)
            flags = 1 << 18 | 1 << 14 | 3 << 12 | 1 << 10 | 2  # AC, NT, IOPL 3, DF
            if g.ask(b"P11=" + flags.to_bytes(4, "little").hex().encode()) != b"OK":
                raise Failure("the flags could not be set")
            g.run_to(c)
            left = int.from_bytes(bytes.fromhex(g.ask(b"p11").decode()), "little") & flags & ~2
            if left:
                raise Failure(f"C began with flags {left:#x}")


def main():
    report = Report()
    if not (BUILD / "weir.elf").exists():
        report.fail("boot", "build/weir.elf was not built")
        report.end()
    report.run("boot_messages", messages)
    with tempfile.TemporaryDirectory() as folder:
        configurations(report, folder)
    options(report)
    report.run("flags_at_entry", flags_at_entry)
    report.run("no_clock", no_clock, "microvm,pit=off,pic=off")
    report.run("no_clock_no_acpi", no_clock, "microvm,pit=off,acpi=off")
    report.run("one_cpu_without_acpi", one_cpu)
    report.run("without_entropy", without_entropy)
    report.end()


if __name__ == "__main__":
    main()
