#!/usr/bin/env python3
"""Boots Weir with `test` on its command line, reads KTAP from its serial port, tells the results.

    guest_test.py [--only PATTERN] [--run RUN] [--limit SECONDS]

Both images, one and four CPUs; with a pattern the first run alone, if no other is named. A guest that panics, hangs, stops short of its plan or tests nothing is a failure, told
with the console's last lines."""
import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

RUNS = [  # name, image, and the machine
    ("release", "weir.elf", {"cpus": 1, "cpu": "qemu64"}),
    ("release-4cpu", "weir.elf", {"cpus": 4, "mem": 256}),
    ("debug", "weir-debug.elf", {"cpus": 1}),
    ("debug-4cpu", "weir-debug.elf", {"cpus": 4, "machine": "pc", "mem": 256}),
]
EXTRA = ("-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "virtio-rng-pci")


def tell(report, run, text):
    """KTAP into results. True when the plan was there and was kept."""
    plan = seen = 0
    notes = []
    for line in plain(text).split("\n"):
        if m := re.fullmatch(r"1\.\.(\d+)", line):
            plan = int(m.group(1))
        elif m := re.fullmatch(r"(not )?ok (\d+)(?: - | )(\S+)(?: # SKIP ?(.*))?", line):
            seen += 1
            name = f"{run}.{m.group(3)}"
            if m.group(1):
                report.fail(name, "\n".join(notes) or "failed")
            elif m.group(4) is not None:
                report.skip(name, m.group(4) or "no reason given")
            else:
                report.ok(name)
            notes = []
        elif line.startswith("# "):
            notes.append(line[2:])
    return plan, seen, notes


def boot(report, run, image, machine, options):
    words = "test" + (f"={options.only}" if options.only else "") + " panic=halt"
    with Machine(limit=options.limit, image=BUILD / image, append=words, extra=EXTRA, **machine) as m:
        trouble = None
        try:
            m.expect(r"KTAP version 1\r?\n", options.limit)
            m.expect(r"\n(# end of tests|.*PANIC|.*[Pp]anic:)", options.limit)
            m.wait(10)
        except Failure as e:
            trouble = str(e).split(";")[0]
        plan, seen, notes = tell(report, run, m.text())
        ended = "\n# end of tests" in m.text()
        if re.search(r"PANIC|[Pp]anic:", plain(m.text())):
            trouble = "panic in the guest"
        elif plan and not ended:
            trouble = f"no end of the tests: {seen} of the plan's {plan} were told"
        elif seen != plan:
            trouble = f"{seen} tests were told, the plan has {plan}"
        elif ended and not plan:
            trouble = "no test ran"
        if trouble:
            report.fail(f"{run}.guest", "\n".join([trouble, *notes, m.tail(40)]))


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--only", default="")
    ask.add_argument("--run", choices=[r[0] for r in RUNS])
    ask.add_argument("--limit", type=float, default=120)
    options = ask.parse_args()
    report = Report()
    wanted = options.run or (RUNS[0][0] if options.only else None)
    for run, image, machine in [r for r in RUNS if wanted in (None, r[0])]:
        try:
            boot(report, run, image, machine, options)
        except Failure as e:
            report.fail(f"{run}.guest", e)
    report.end()


if __name__ == "__main__":
    main()
