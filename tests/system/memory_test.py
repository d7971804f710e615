#!/usr/bin/env python3
"""The debug image boots once for each allocation of its boot, and of the first commands at its prompt, with that one
failing: each time it either comes to the prompt all the same and answers, or says what it had no memory for. It never
crashes, hangs or fails silently."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

FAILED = r"memory: allocation \d+ fails, as was asked for"
WORK = "cat /proc/meminfo /proc/slabinfo | sort | head -3; x=$(uptime); for i in 1 2; do echo $i; done"
LEAST = 100  # allocations that a boot and this work make, certainly
BEYOND = 5   # further ones that must not fail when one did not


def boots_without(nth):
    """False when there are not so many."""
    with Machine(cpus=2, image=BUILD / "weir-debug.elf", append=f"panic=reboot failalloc={nth}",
                 extra=["-device", "virtio-rng-pci"]) as m:
        try:
            m.ready(20)
            m.command(WORK)
            return any(re.search(FAILED, m.command("dmesg")) for _ in range(2))  # one of them may be what failed
        except Failure as e:
            text = plain(m.text())
            if not re.search(r"(?m)^panic: .*no memory", text):
                raise Failure(f"allocation {nth} failed: {e}") from None
        return True


def each():
    nth = 1
    while boots_without(nth):
        nth += 1
    for more in range(nth + 1, nth + BEYOND):
        if boots_without(more):
            raise Failure(f"allocation {more} failed, {nth} did not")
    if nth < LEAST:
        raise Failure(f"only {nth} allocations: is the hook in place?")
    print(f"# {nth - 1} allocations", flush=True)


def main():
    report = Report()
    report.run("boot_with_each_allocation_failing", each)
    report.end()


if __name__ == "__main__":
    main()
