#!/usr/bin/env python3
"""Frames through a booted Weir with two e1000, joined by `weir xconnect`:

    this program --UDP--> QEMU --> eth0 [ Weir ] eth1 --> QEMU --UDP--> this program          and back

A netdev of type dgram carries each frame in one datagram, so that no privilege is needed. What was sent must come out
at the other side, byte for byte and in order. In QEMU an e1000 hears nothing in its first second: the first frame is
sent again until it comes."""
import random
import re
import select
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from qemu import SLOW, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

MACS = ["52:54:00:00:00:0a", "52:54:00:00:00:0b"]
ROOM = 32  # frames under way at most: what a socket's buffer holds


def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return s


class Wire:
    """One port's far end."""

    def __init__(self, i):
        self.socket, self.i = udp(), i
        spare = udp()  # a number that is free now
        self.port = spare.getsockname()[1]
        spare.close()

    def words(self, options=""):
        here = self.socket.getsockname()[1]
        return ["-netdev", f"dgram,id=n{self.i},local.type=inet,local.host=127.0.0.1,local.port={self.port},"
                f"remote.type=inet,remote.host=127.0.0.1,remote.port={here}",
                "-device", f"e1000,netdev=n{self.i},id=nic{self.i},mac={MACS[self.i]}{options}"]

    def send(self, frame):
        self.socket.sendto(frame, ("127.0.0.1", self.port))

    def receive(self, seconds):
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        return self.socket.recv(65536)

    def close(self):
        self.socket.close()


def frame(number, length):
    rest = random.Random(number)
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x88\xb5" + number.to_bytes(4, "big") + rest.randbytes(length - 18)


PROBE = frame(0xffffffff, 60)


def wake(a, b):
    """Both ways until one frame has come through: the deaf second, and whatever else is slow. Nothing is left over."""
    for here, there in ((a, b), (b, a)):
        until = time.monotonic() + 20 * SLOW
        while time.monotonic() < until:
            here.send(PROBE)
            if there.receive(0.2):
                break
        else:
            raise Failure("no frame came through")
    for w in (a, b):
        while w.receive(0.3):
            pass


def cross(here, there, lengths):
    """Sends a frame of each length, and takes all of them at the other side, in order."""
    sent, taken = [], 0
    for number, length in enumerate(lengths):
        sent.append(frame(number, length))
        here.send(sent[-1])
        while len(sent) - taken >= ROOM or (len(sent) == len(lengths) and taken < len(sent)):
            got = there.receive(10 * SLOW)
            if got is None:
                raise Failure(f"frame {taken} of {len(sent)} ({len(sent[taken])} bytes) has not come")
            if got == PROBE:
                continue  # that was under way for a while
            if got != sent[taken]:
                raise Failure(f"frame {taken}: {len(got)} bytes {got[:40].hex()} instead of {len(sent[taken])} bytes "
                              f"{sent[taken][:40].hex()}")
            taken += 1


class Bench:
    """A machine and its two wires."""

    def __init__(self, options="", more=(), **kind):
        self.wires = [Wire(0), Wire(1)]
        words = [w for wire in self.wires for w in wire.words(options)]
        self.machine = Machine(limit=150, extra=words + list(more), mem=128, **kind)

    def __enter__(self):
        m = self.machine.__enter__()
        m.ready(90)
        return m, *self.wires

    def __exit__(self, *what):
        self.machine.__exit__(*what)
        for w in self.wires:
            w.close()


def joined(m):
    out = m.command("weir xconnect eth0 eth1")
    if out:
        raise Failure(f"weir xconnect says {out!r}")


def through(**kind):
    lengths = [60, 1514, 61, 128, 1500] + [60 + 7 * i % 1454 for i in range(300)]
    with Bench(**kind) as (m, a, b):
        joined(m)
        wake(a, b)
        cross(a, b, lengths)
        cross(b, a, lengths)
        told = m.command("cat /proc/interrupts")
        if len(re.findall(r"[1-9]\d* +.*IO-APIC.*0000:00:0\d\.0", told)) == 0:
            raise Failure(f"no interrupts:\n{told}")


def commands():
    with Bench() as (m, a, b):
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
    with Bench() as (m, a, b):
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
        with Bench(more=["-monitor", f"unix:{path},server=on,wait=off"]) as (m, a, b):
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


def two_cpus():
    lengths = [60 + i % 1400 for i in range(2000)]
    with Bench(cpus=2) as (m, a, b):
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
    report.run("two_cpus", two_cpus)
    report.end()


if __name__ == "__main__":
    main()
