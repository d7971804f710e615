"""The same router twice: a Linux network namespace and libweir, each with cards whose wire this program is.

    with Linux(("eth0", "eth1")) as linux, Weir(("eth0", "eth1")) as weir:
        for side in (linux, weir):
            side.configure(script)                    sh, or Weir's own
            side.send("eth0", frame)                  it arrives
            side.taken()                              [(card, frame), ...]: what was sent since
            side.ask(["ip route get 10.0.0.1", ...])  [(status, text), ...]

Linux's cards are taps, so that a frame is written and its consequences are there to be read when write returns: the
softirq runs within it. What Linux does later by a timer is waited for by settle(). Weir's clock stands still but for
advance()."""
import ctypes
import fcntl
import os
import select
import struct
import subprocess
import time
from pathlib import Path

import netns
from report import Failure

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "build/host/libweir.so"
TUN_FLAGS = netns.IFF_TAP | netns.IFF_NO_PI
# What Linux tends by timers of its own, in real time, and what it keeps to itself until asked: none of it is compared.
LINUX_ALONE = """
for d in eth0 eth1 eth2; do
    for f in ipv4/neigh/$d ipv6/neigh/$d; do
        echo 3600 >/proc/sys/net/$f/delay_first_probe_time
        echo 3600000 >/proc/sys/net/$f/retrans_time_ms
        echo 0 >/proc/sys/net/$f/proxy_delay
        echo 0 >/proc/sys/net/$f/anycast_delay
    done
    echo 0 >/proc/sys/net/ipv4/conf/$d/send_redirects
done
echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
echo 0 >/proc/sys/net/ipv6/auto_flowlabels
"""


class Linux(netns.Namespace):
    name_of = "Linux"

    def __init__(self, cards):
        super().__init__(f"weir-{os.getpid()}-diff", None)
        self.cards, self.fds, self.janitor = cards, {}, None
        self.later = []

    def __enter__(self):
        netns.sweep()
        self.janitor = netns.janitor([self.name])
        try:
            netns.run("ip", "netns", "add", self.name)
            with self.entered():
                for card in self.cards:
                    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                    self.fds[card] = fd
                    fcntl.ioctl(fd, netns.TUNSETIFF, struct.pack("16sH22x", card.encode(), TUN_FLAGS))
            self.shell(LINUX_ALONE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for fd in self.fds.values():
            os.close(fd)
        self.janitor.communicate()

    def shell(self, script):
        r = subprocess.run(self.inside(["sh", "-s"]), input=script, capture_output=True, text=True, check=False,
                           timeout=60)
        if r.returncode or r.stderr:
            raise Failure(f"Linux: status {r.returncode}: {r.stderr}")
        return r.stdout

    def configure(self, script):
        self.shell(script)

    def send(self, card, frame):
        try:
            os.write(self.fds[card], frame)
        except OSError:
            pass  # shorter than an Ethernet header: no card brings such a frame

    def taken(self):
        frames, self.later = self.later, []
        for card, fd in self.fds.items():
            while True:
                try:
                    frames.append((card, os.read(fd, 70000)))
                except BlockingIOError:
                    break
        return frames

    def settle(self, seconds):
        """Until nothing was sent for so long."""
        frames, began = [], time.monotonic()
        while time.monotonic() < began + 10:
            ready, _, _ = select.select(list(self.fds.values()), [], [], seconds)
            if not ready:
                break
            frames += self.taken()
        return frames

    def ask(self, commands):
        """A run of the shell for all: each answer ends in a line with its status."""
        mark = "=^..^="
        script = "".join(f"{c} 2>&1\necho {mark} $?\n" for c in commands)
        out = subprocess.run(self.inside(["sh", "-s"]), input=script, capture_output=True, text=True, check=False,
                             timeout=300).stdout
        answers, text = [], []
        for line in out.splitlines():
            if line.startswith(mark):
                answers.append((int(line.split()[1]), "\n".join(text)))
                text = []
            else:
                text.append(line)
        return answers


OUTPUT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
FRAME = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("seed", ctypes.c_uint64), ("output", OUTPUT), ("arg", ctypes.c_void_p)]


def library():
    lib = ctypes.CDLL(str(LIBRARY))
    lib.weir_start.restype = lib.weir_port_add.restype = ctypes.c_void_p
    lib.weir_time.restype = ctypes.c_uint64
    lib.weir_stop.argtypes = [ctypes.c_void_p]
    lib.weir_exec.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    lib.weir_set_time.argtypes = [ctypes.c_uint64]
    lib.weir_next_timer.restype = ctypes.c_uint64
    lib.weir_port_add.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, FRAME, ctypes.c_void_p]
    lib.weir_port_rx.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    return lib


class Weir:
    name_of = "Weir"

    def __init__(self, cards):
        self.lib, self.cards, self.frames, self.text = library(), cards, [], []
        self.ports, self.kept = {}, []

    def __enter__(self):
        output = OUTPUT(lambda _arg, _error, p, n: self.text.append(ctypes.string_at(p, n)))
        self.kept.append(output)
        self.w = self.lib.weir_start(ctypes.byref(Options(ctypes.sizeof(Options), 1, output, None)))
        for n, card in enumerate(self.cards):
            sent = FRAME(lambda _arg, p, n, card=card: self.frames.append((card, ctypes.string_at(p, n))))
            self.kept.append(sent)
            self.ports[card] = self.lib.weir_port_add(self.w, card.encode(), bytes((2, 0, 0, 0, 9, n)), sent, None)
        return self

    def __exit__(self, *_):
        self.lib.weir_stop(self.w)

    def run(self, script):
        self.text = []
        data = script.encode()
        status = self.lib.weir_exec(self.w, data, len(data))
        return status, b"".join(self.text).decode().rstrip("\n")

    def configure(self, script):
        status, text = self.run("set -e\n" + script)
        if status or text:
            raise Failure(f"Weir: status {status}: {text}")

    def send(self, card, frame):
        self.lib.weir_port_rx(self.ports[card], frame, len(frame))

    def taken(self):
        frames, self.frames = self.frames, []
        order = {card: n for n, card in enumerate(self.cards)}
        return sorted(frames, key=lambda f: order[f[0]])  # stable: of each card in order, as they are read from Linux's

    def advance(self, seconds):
        until = self.lib.weir_time() + int(seconds * 1e9)
        while (at := self.lib.weir_next_timer()) <= until:
            self.lib.weir_set_time(max(at, self.lib.weir_time()))
            self.lib.weir_run()
        self.lib.weir_set_time(until)
        self.lib.weir_run()

    def ask(self, commands):
        return [self.run(c) for c in commands]
