#!/usr/bin/env python3
"""Two e1000 joined: on every machine and firmware, with tags, flaps and two CPUs; and the command that joins them."""
import re
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW  # noqa: E402
from report import Failure, Report  # noqa: E402
from wires import Bench, cross, frame, joined, wake  # noqa: E402


def through(options="", **kind):
    lengths = [60, 1514, 61, 128, 1500] + [60 + 7 * i % 1454 for i in range(300)]
    with Bench("e1000" + options, **kind) as (m, a, b):
        joined(m)
        wake(a, b)
        cross(a, b, lengths)
        cross(b, a, lengths)
        told = m.command("cat /proc/interrupts")
        if len(re.findall(r"[1-9]\d* +.*IO-APIC.*eth\d", told)) == 0:
            raise Failure(f"no interrupts:\n{told}")


def commands():
    with Bench("e1000") as (m, a, b):
        for line, pattern in [("weir xconnect", r""), ("weir xconnect eth0", r"two devices are wanted"),
                              ("weir xconnect eth0 eth7", r'"eth7": there is no such device'),
                              ("weir xconnect eth0 eth0", r"not joined to itself"),
                              ("weir xconnect del eth0", r"is not joined"),
                              ("weir xconnect eth0 eth1", r""), ("weir xconnect eth1 eth0", r"taken already"),
                              ("weir xconnect", r"eth0 eth1"), ("weir xconnect -j", r'"ifname":"eth0","peer":"eth1"'),
                              ("dump", r"weir xconnect eth0 eth1")]:
            out = m.command(line)
            if not re.search(pattern, out) or (not pattern and out):
                raise Failure(f"{line}: {out!r}")
        wake(a, b)
        cross(a, b, [60] * 100)
        m.command("weir xconnect del eth1")
        if m.command("weir xconnect"):
            raise Failure("parted and joined still")
        a.send(frame(0, 60))
        if b.receive(0.5):
            raise Failure("a frame crosses where nothing is joined")
        joined(m)
        wake(a, b)
        cross(b, a, [60] * 100)


def tags():
    """A tag is taken out on the way in and put back on the way out."""
    with Bench("e1000") as (m, a, b):
        joined(m)
        wake(a, b)
        for tag in ("81000005", "8100e123", "88a80007"):
            tagged = frame(1, 100)
            tagged = tagged[:12] + bytes.fromhex(tag) + tagged[12:]
            a.send(tagged)
            got = b.receive(10 * SLOW)
            if got != tagged:
                raise Failure(f"tag {tag}: {got and got[:24].hex()}")


def flap():
    """A cable is pulled and put back, by QEMU's monitor, again and again: what is sent afterwards crosses."""
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/monitor"
        with Bench("e1000", more=["-monitor", f"unix:{path},server=on,wait=off"]) as (m, a, b):
            joined(m)
            wake(a, b)
            monitor = socket.socket(socket.AF_UNIX)
            monitor.connect(path)
            for turn in range(5):
                for word, state in (("off", "down"), ("on", "up")):
                    monitor.sendall(f"set_link nic1 {word}\n".encode())
                    m.expect(f"eth1: link {state}")
                    if state == "down":
                        a.send(frame(turn, 60))  # to nobody
                cross(a, b, [60] * 50)
                cross(b, a, [60] * 50)
            monitor.close()


def pause():
    """Pause frames are agreed on anew through the PHY: the link goes and comes, and frames cross afterwards."""
    def says(rx, tx, autoneg="on"):
        out = m.command("ethtool -a eth0")
        if not re.search(rf"Autonegotiate:\t{autoneg}\nRX:\t\t{rx}\nTX:\t\t{tx}\b", out):
            raise Failure(out)

    with Bench("e1000") as (m, a, b):
        says("on", "on")  # as it shall be, before it is up
        joined(m)
        wake(a, b)
        says("on", "off")  # QEMU's peer knows nothing of it
        m.type("ethtool -A eth0 rx off\r")
        m.expect("eth0: link down")
        m.expect("eth0: link up")
        m.recover()
        says("off", "off")
        cross(a, b, [60, 1514] * 20)
        m.command("ethtool -A eth0 autoneg off rx on tx on")
        says("on", "on", "off")
        cross(b, a, [60, 1514] * 20)


def two_cpus():
    lengths = [60 + i % 1400 for i in range(2000)]
    with Bench("e1000", cpus=2) as (m, a, b):
        joined(m)
        wake(a, b)
        cross(a, b, lengths)
        cross(b, a, lengths)
        if m.command("echo here") != "here":
            raise Failure("the console does not answer")


def main():
    report = Report()
    for machine in ("q35", "pc"):
        for firmware in ("qboot", "seabios"):
            report.run(f"{machine}_{firmware}", lambda k=machine, f=firmware: through(machine=k, firmware=f))
    report.run("unmoderated", lambda: through(options=",mitigation=off"))
    report.run("ovmf", lambda: through(firmware="ovmf-iso"))
    report.run("commands", commands)
    report.run("tags", tags)
    report.run("flap", flap)
    report.run("pause", pause)
    report.run("two_cpus", two_cpus)
    report.end()


if __name__ == "__main__":
    main()
