#!/usr/bin/env python3
"""The debug image boots once for each allocation of its boot, with that one failing: each time it either comes to the
prompt all the same and answers, or says what it had no memory for. It never crashes, hangs or fails silently.

Without TEST_LONG every STEP-th allocation fails, beginning elsewhere than at the first."""
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine, plain  # noqa: E402
from report import Failure, Report  # noqa: E402

STEP = 1 if os.environ.get("TEST_LONG") else 5
FAILED = r"memory: allocation \d+ fails, as was asked for"


def boots_without(nth):
    """False when the boot does not allocate so often."""
    with Machine(cpus=2, image=BUILD / "weir-debug.elf", append=f"panic=reboot failalloc={nth}",
                 extra=["-device", "virtio-rng-pci"]) as m:
        try:
            m.ready(20)
            if not re.search(FAILED, plain(m.text()) + m.command("dmesg")):
                return False
            m.type('echo al""ive\r')
            m.expect("alive", 20)
        except Failure as e:
            text = plain(m.text())
            if not re.search(r"(?m)^panic: .*no memory", text):
                raise Failure(f"allocation {nth} failed: {e}") from None
        return True


def every(first):
    nth = first
    while boots_without(nth):
        nth += STEP
    return nth


def main():
    report = Report()

    def all_of_boot():
        reached = every(3 if STEP > 1 else 1)
        if reached < 50:
            raise Failure(f"only {reached} allocations in a boot: is the hook in place?")
    report.run(f"boot_with_each_{STEP}th_allocation_failing" if STEP > 1 else "boot_with_each_allocation_failing",
               all_of_boot)
    report.end()


if __name__ == "__main__":
    main()
