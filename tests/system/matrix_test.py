#!/usr/bin/env python3
"""The boot matrix: machine x firmware x CPUs x CPU model x memory. Each boots to `weir: ready`, answers a typed command
and goes off. A few of each kind run always; all of them with TEST_LONG=1 (make test-matrix).

What a combination cannot have stands in `impossible`, with its reason, and is told once per reason."""
import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import BUILD, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

MACHINES = ["pc", "q35", "microvm", "microvm,acpi=off"]
FIRMWARE = ["qboot", "seabios", "seabios-iso", "ovmf-iso"]
CPUS = [1, 2, 4]
MODELS = ["qemu64", "max"]
MEMORY = [16, 64, 512, 6144]  # MiB


def impossible(machine, firmware, cpus, memory):
    """The reason why there is no such machine, or None."""
    if machine.startswith("microvm") and firmware.endswith("-iso"):
        return "microvm has neither a CD drive nor a firmware that would look for one"
    if machine == "microvm,acpi=off" and cpus > 1:
        return "without ACPI nothing tells of the other CPUs"
    if firmware == "seabios-iso" and memory < 32:
        return "GRUB with its menu, modules and the image needs more than 16 MiB"
    if firmware == "ovmf-iso" and memory < 128:
        return "OVMF does not start with less than 128 MiB"
    return None


def boot(machine, firmware, cpus, model, memory):
    with Machine(machine=machine, firmware=firmware, cpus=cpus, cpu=model, mem=memory, image=BUILD / "weir.elf",
                 limit=90) as m:
        ms = m.ready(75)
        answer = m.command("echo hi")
        if answer != "hi":
            raise Failure(f"`echo hi` was answered {answer!r}")
        m.type("reboot\r" if "acpi=off" in machine else "poweroff\r")
        status = m.wait(20)
        if status:
            raise Failure(f"QEMU ended with status {status}:\n{m.tail()}")
    return ms


def every():
    return list(itertools.product(MACHINES, FIRMWARE, CPUS, MODELS, MEMORY))


def chosen():
    """All, or two of each machine and firmware, such that each CPU count, model and size comes up somewhere."""
    if os.environ.get("TEST_LONG"):
        return every()
    out = []
    for n, (machine, firmware) in enumerate(itertools.product(MACHINES, FIRMWARE)):
        able = [c for c in every() if c[:2] == (machine, firmware) and not impossible(*c[:3], c[4])]
        picks = {(n * 7) % len(able), (n * 7 + len(able) * 2 // 3 + 1) % len(able)} if able else set()
        out += [able[i] for i in sorted(picks)]
    return out


def main():
    report = Report()
    reasons, able = {}, []
    for c in chosen():
        why = impossible(*c[:3], c[4])
        if why:
            reasons.setdefault(why, []).append(c)
        else:
            able.append(c)
    for why, which in reasons.items():
        report.skip(f"boot ({len(which)} combinations)", why)

    def one(c):
        try:
            return c, boot(*c), None
        except Failure as e:
            return c, None, e

    with ThreadPoolExecutor(max_workers=2) as pool:
        for c, ms, why in pool.map(one, able):
            name = f"boot {c[0]} {c[1]} {c[2]}cpu {c[3]} {c[4]}M"
            if why:
                report.fail(name, why)
            else:
                report.ok(f"{name}: {ms} ms")
    report.end()


if __name__ == "__main__":
    main()
