"""Frames through a booted Weir with two network cards, joined by `weir xconnect`:

    this program --UDP--> QEMU --> eth0 [ Weir ] eth1 --> QEMU --UDP--> this program          and back

A netdev of type dgram carries each frame in one datagram, so that no privilege is needed. What was sent must come out
at the other side, byte for byte and in order. In QEMU an e1000 hears nothing in its first second: the first frame is
sent again until it comes."""
import random
import select
import socket
import tempfile
import time

from qemu import SLOW, Machine
from report import Failure

MACS = ["52:54:00:00:00:0a", "52:54:00:00:00:0b"]
OWN = [bytes.fromhex(mac.replace(":", "")) for mac in MACS]
SOURCE = b"\x02\0\0\0\0\x02"
FLOWS = 8
MARK = b"\x88\xb5\x5a\x5a"
STREAM_ROOM = 24
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

    def netdev(self, backend):
        here = self.socket.getsockname()[1]
        ways = {"dgram": f"dgram,id=n{self.i},local.type=inet,local.host=127.0.0.1,local.port={self.port},"
                         f"remote.type=inet,remote.host=127.0.0.1,remote.port={here}",
                "socket": f"socket,id=n{self.i},localaddr=127.0.0.1:{self.port},udp=127.0.0.1:{here}"}
        return ways[backend]

    def words(self, card, backend="dgram"):
        return ["-netdev", self.netdev(backend),
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
    return b"\x02\0\0\0\0\x01" + SOURCE + b"\x88\xb5" + number.to_bytes(4, "big") + rest.randbytes(length - 18)


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
            if got == PROBE or got[6:12] != SOURCE:
                continue  # that was under way for a while; what the machine says by itself, or QEMU for it
            if got != sent[taken]:
                raise Failure(f"frame {taken}: {len(got)} bytes {got[:40].hex()} instead of {len(sent[taken])} bytes "
                              f"{sent[taken][:40].hex()}")
            taken += 1


def ipv4(flow, number):
    """UDP of one of the flows, numbered; from 60 bytes to what a frame holds."""
    length = 60 if number % 8 else 60 + number * 37 % 1454
    ip = bytes([0x45, 0]) + (length - 14).to_bytes(2, "big") + bytes([0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2])
    udp = (1000 + flow).to_bytes(2, "big") + b"\x00\x07" + (length - 34).to_bytes(2, "big") + b"\x00\x00"
    head = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + ip + udp + MARK + number.to_bytes(4, "big")
    return head + bytes(length - len(head))


class Stream:
    """Flows from one side to the other, so many frames under way at most. All of a flow come, and in order; while the
    stream is lossy some may be missing, but none comes after a later one."""

    def __init__(self, here, there):
        self.here, self.there, self.lossy = here, there, False
        self.sent, self.seen, self.forgiven = [0] * FLOWS, [0] * FLOWS, [0] * FLOWS

    def under_way(self):
        return sum(sent - max(seen, may) for sent, seen, may in zip(self.sent, self.seen, self.forgiven))

    def take(self, seconds):
        got = self.there.receive(seconds)
        if got is None:
            return False
        if got[42:46] == MARK:
            flow, number = int.from_bytes(got[34:36], "big") - 1000, int.from_bytes(got[46:50], "big")
            missing = number > self.seen[flow] + 1 and number - 1 > self.forgiven[flow] and not self.lossy
            if number <= self.seen[flow] or missing:
                raise Failure(f"flow {flow}: number {number} after {self.seen[flow]}")
            self.seen[flow] = number
        return True

    def pour(self, count):
        for i in range(count):
            flow = (i * 7 + i // 11) % FLOWS
            self.sent[flow] += 1
            self.here.send(ipv4(flow, self.sent[flow]))
            while self.under_way() >= STREAM_ROOM:
                if self.lossy and not self.take(0.02):
                    self.forget()
                elif not self.lossy and not self.take(10 * SLOW):
                    raise Failure(f"{self.under_way()} frames have not come")

    def forget(self):
        """What is under way may be lost, or come later."""
        self.forgiven = list(self.sent)

    def end(self):
        while self.under_way():
            if not self.take(10 * SLOW):
                raise Failure(f"{self.under_way()} frames have not come")


class Bench:
    """A machine and its two wires."""

    def __init__(self, card, more=(), limit=150, backend="dgram", **kind):
        self.wires = [Wire(0), Wire(1)]
        words = [w for wire in self.wires for w in wire.words(card, backend)]
        self.machine = Machine(limit=limit, extra=words + list(more), mem=128, **kind)

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


def dumps_again(card, text):
    """What a machine dumped, given to a fresh one: it dumps the same."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        conf.write(text + "\n")
        conf.flush()
        with Bench(card, initrd=conf.name) as (m, _, _):
            said = m.command("dump")
            if said != text:
                raise Failure(f"the first dumped\n{text}\nthe second\n{said}")
