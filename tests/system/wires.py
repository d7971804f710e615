"""Frames through a booted Weir with two network cards, joined by `weir xconnect`:

    this program --UDP--> QEMU --> eth0 [ Weir ] eth1 --> QEMU --UDP--> this program          and back

A netdev of type dgram carries each frame in one datagram, so that no privilege is needed. What was sent must come out
at the other side, byte for byte and in order. In QEMU an e1000 hears nothing in its first second: the first frame is
sent again until it comes."""
import random
import select
import socket
import time

from qemu import SLOW, Machine
from report import Failure

MACS = ["52:54:00:00:00:0a", "52:54:00:00:00:0b"]
RARP = b"\x80\x35"
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

    def words(self, card):
        here = self.socket.getsockname()[1]
        return ["-netdev", f"dgram,id=n{self.i},local.type=inet,local.host=127.0.0.1,local.port={self.port},"
                f"remote.type=inet,remote.host=127.0.0.1,remote.port={here}",
                "-device", f"{card},netdev=n{self.i},id=nic{self.i},mac={MACS[self.i]}"]

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
            if got == PROBE or got[12:14] == RARP:
                continue  # that was under way for a while; QEMU's own announcement
            if got != sent[taken]:
                raise Failure(f"frame {taken}: {len(got)} bytes {got[:40].hex()} instead of {len(sent[taken])} bytes "
                              f"{sent[taken][:40].hex()}")
            taken += 1


class Bench:
    """A machine and its two wires."""

    def __init__(self, card, more=(), **kind):
        self.wires = [Wire(0), Wire(1)]
        words = [w for wire in self.wires for w in wire.words(card)]
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
