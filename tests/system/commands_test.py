#!/usr/bin/env python3
"""Types every line of commands.txt at Weir's console, in QEMU and in the hosted program, and looks at the answers.

The hosted program has no interrupts and no CPUs of its own: there, only the lines are typed that ask for none.
Interrupt 25 of the lines is one of this machine's: the number is exchanged for one that /proc/interrupts shows."""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, PROMPT, SLOW, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

LINES = Path(__file__).with_name("commands.txt")
BUILT = ["ground"]
CPUS = r"(?m)^ +CPU0 +CPU1 *$"
NOTHING = r"\A\Z"

# The line, and a regular expression that must be found in its answer.
ANSWERS = {
    "dmesg | grep conntrack": r"\A(.*conntrack.*\n?)*\Z",
    "cat /proc/interrupts": CPUS + r"(?s:.*)^ *\d+: +\d+ +\d+ +(IO-APIC|PCI-MSI|XT-PIC)(?s:.*)^ *LOC: +\d+ +\d+ +Local",
    "cat /proc/softirqs": CPUS + r"(?s:.*)^ +TIMER: +\d+ +\d+$(?s:.*)^ +NET_TX:(?s:.*)^ +NET_RX:(?s:.*)^ +RCU:",
    "cat /proc/interrupts | grep -E 'CPU|eth0'": r"(?m)\A +CPU0 +CPU1 *$(\n.*eth0.*)*\Z",
    "cat /proc/interrupts | grep eth0 | head -10": r"\A(.*eth0.*\n?)*\Z",
    "grep eth0 /proc/interrupts": r"\A(.*eth0.*\n?)*\Z",
    "echo 2 > /proc/irq/25/smp_affinity_list": r"Invalid argument|Value too large",  # there are CPUs 0 and 1
    "echo 0-7 > /proc/irq/25/smp_affinity_list": NOTHING,  # as in Linux: one of them is there
    "echo 1 > /proc/irq/25/smp_affinity": NOTHING,
    "cat /proc/irq/25/smp_affinity_list": r"\A[0-9,-]+\Z",
    "mpstat -P ALL 1 3": r"(?m)%usr +%nice +%sys +%iowait +%irq +%soft(?s:.*)^\d\d:\d\d:\d\d .*all( +\d+\.\d\d)+$"
                         r"(?s:.*)^Average: +all( +\d+\.\d\d)+$",
    "sar -n DEV 1 3": r"IFACE +rxpck/s +txpck/s +rxkB/s +txkB/s(?s:.*)Average: +IFACE",
    "perf top": r"PerfTop: +\d+ irqs/sec",
    "perf record -a -g sleep 5": r"perf top",
    # An idle machine may have had no softirq at all in that time.
    "softirqs -d 1 3": r"(?s)Tracing soft irq event time\.\.\. Hit Ctrl-C to end\..*"
                       r"(no softirq ran|softirq = \w+.*: count +distribution.*\|\*+ *\|)",
    "watch -n1 'cat /proc/net/softnet_stat | head -1'":
        r"Every 1\.0s: cat /proc/net/softnet_stat \| head -1.*\n\n(([0-9a-f]{8} ?)+|.*No such file or directory)\n",
    "modprobe tcp_bbr": r"^modprobe: .*no modules.*`help`",
    "strace -p 1": r"^strace: .*`perf top`.*`dmesg`",
    "nsenter -t 12345 -n ip -s link": r"^nsenter: .*`ip -s link`",
}
HOSTED = ("~", "watch ")  # how lines begin that need no machine
ENDLESS = ("watch ", "perf top")  # ended by Ctrl-C, after two rounds


def sections(path):
    name, found = None, {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return found


class Hosted(Machine):
    """The hosted program's console, on a pseudo-terminal like the guest's."""

    def spawn(self, words):
        return subprocess.Popen(words, stdin=self.tail_fd, stdout=self.tail_fd, stderr=self.own_words,
                                start_new_session=True)

    def ready(self, seconds=30):
        self.expect(re.escape(PROMPT), seconds)


def endless(m, line, wanted):
    """What it shows until it shows what is wanted, and that Ctrl-C ends it."""
    start = m.seen
    m.type(line + "\r")
    until = time.monotonic() + 20 * SLOW
    said = ""
    while time.monotonic() < until and not re.search(wanted, said) and m.read(0.2):
        said = plain(m.log[start:].decode("utf-8", "replace"))
    m.type("\x03")
    m.expect(r"\^C\r*\n(.*\n)?\r*" + re.escape(PROMPT), 10)  # perf has a last word, where nothing ran
    return said


def answer(m, line):
    line = line.lstrip("~")
    if line not in ANSWERS:
        raise Failure(f"commands_test.py does not know how `{line}` is answered")
    typed = line.replace("/irq/25/", f"/irq/{m.interrupt}/")
    said = endless(m, typed, ANSWERS[line]) if line.startswith(ENDLESS) else m.command(typed, 30)
    if not re.search(ANSWERS[line], said):
        raise Failure(f"`{typed}` was answered\n{said}\nwanted: {ANSWERS[line]}")


def type_all(report, m, kind):
    for name in BUILT:
        for line in sections(LINES)[name]:
            if kind == "hosted" and not line.startswith(HOSTED):
                continue
            label = f"{kind} {name} {line}".replace(":", "")
            try:
                answer(m, line)
            except Failure as e:
                report.fail(label, e)
                m.recover()
            else:
                report.ok(label)


def some_interrupt(m):
    found = re.findall(r"(?m)^ *(\d+): .*(?:edge|fasteoi)", m.command("cat /proc/interrupts"))
    return found[-1] if found else 25


def main():
    report = Report()
    kinds = [("qemu", lambda: Machine(cpus=2, limit=150, extra=["-device", "virtio-rng-pci"]))]
    if os.path.exists(BUILD / "host/weir"):
        kinds.append(("hosted", lambda: Hosted(words=[str(BUILD / "host/weir"), "sh"], limit=150)))
    for kind, make in kinds:
        try:
            with make() as m:
                m.ready()
                m.interrupt = some_interrupt(m)
                type_all(report, m, kind)
        except Failure as e:
            report.fail(kind, e)
    report.end()


if __name__ == "__main__":
    main()
