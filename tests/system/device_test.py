#!/usr/bin/env python3
"""Devices found and driven on every kind of machine: by messages and by lines, behind bridges, without a bus.

virtio-rng is the device: it asks for bytes as soon as it is taken, so its driver's interrupt has come once when it works."""
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

MODERN = ["-global", "virtio-mmio.force-legacy=false"]
BRIDGES = ["-device", "pcie-root-port,id=rp0,slot=1", "-device", "pcie-root-port,id=rp1,slot=2",
           "-device", "pcie-pci-bridge,id=br,bus=rp0", "-device", "virtio-rng-pci,bus=rp1",
           "-device", "virtio-rng-pci,bus=br,addr=3,vectors=0"]


def interrupts(m, cpus):
    """device -> (how often it interrupted in all, by what chip)"""
    found = {}
    for line in m.command("cat /proc/interrupts").splitlines():
        words = line.split()
        if not words or not re.match(r"\d+:$", words[0]):
            continue
        counts = [int(w) for w in words[1:1 + cpus]]
        chip, device = words[1 + cpus], words[-1]
        found[device] = (found.get(device, (0, ""))[0] + sum(counts), chip)
    return found


def drives(expected, **kind):
    """expected: device -> chip; each is bound to virtio-rng and has interrupted."""
    with Machine(**kind) as m:
        m.ready()
        told = m.command("dmesg")
        for device in expected:
            if not re.search(re.escape(device) + r": 1af4:\w+ class \w+: virtio-rng", told):
                raise Failure(f"{device} was not taken by virtio-rng:\n{told}")
        until = time.monotonic() + 20 * SLOW  # the device answers when it likes
        seen = {}
        while {d: by for d, (count, by) in seen.items() if count and d in expected} != expected:
            if time.monotonic() >= until:
                raise Failure(f"wanted interrupts of {expected}, there are {seen}")
            seen = interrupts(m, kind.get("cpus", 1))


def main():
    report = Report()
    for machine, device in (("pc", "0000:00:02.0"), ("q35", "0000:00:01.0")):
        for firmware in ("qboot", "seabios", "ovmf-iso"):
            if machine == "pc" and firmware == "ovmf-iso":
                continue  # matrix_test.py boots it
            for words, chip in (("virtio-rng-pci", "PCI-MSI"), ("virtio-rng-pci,vectors=0", "IO-APIC"),
                                ("virtio-rng-pci,packed=on,event_idx=off", "PCI-MSI")):
                if firmware == "ovmf-iso" and chip == "PCI-MSI":
                    continue
                name = f"{machine}_{firmware}_{words.replace('virtio-rng-pci', 'rng').replace(',', '_')}"
                report.run(name, lambda w=words, c=chip, k=machine, f=firmware, d=device: drives(
                    {d: c}, machine=k, firmware=f, cpus=2, extra=["-device", w]))
    report.run("behind_bridges", lambda: drives({"0000:02:03.0": "IO-APIC", "0000:03:00.0": "PCI-MSI"}, cpus=2,
                                                extra=BRIDGES))
    for words, chip in (("virtio-rng-pci", "PCI-MSI"), ("virtio-rng-pci,vectors=0", "IO-APIC")):
        report.run(f"microvm_pcie_{chip}", lambda w=words, c=chip: drives(
            {"0000:00:02.0": c}, machine="microvm,pcie=on", cpus=2, extra=["-device", "virtio-serial-pci", "-device", w]))
    report.run("mmio_by_acpi", lambda: drives({"virtio-mmio.0": "IO-APIC"}, machine="microvm", cpus=2,
                                              extra=[*MODERN, "-device", "virtio-rng-device"]))
    report.run("mmio_by_command_line", lambda: drives({"virtio-mmio.0": "IO-APIC"}, machine="microvm,acpi=off",
                                                      extra=[*MODERN, "-device", "virtio-rng-device"]))

    def legacy():
        with Machine(machine="microvm", extra=["-device", "virtio-rng-device"]) as m:
            m.ready()
            if "force-legacy=false" not in m.command("dmesg"):
                raise Failure("a legacy device is refused without a word")
    report.run("mmio_legacy_is_refused_in_words", legacy)
    report.end()


if __name__ == "__main__":
    main()
