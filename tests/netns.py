"""Two network namespaces with a machine between them.

    client --tap0-- [eth0 MACHINE eth1] --tap1-- server

    with Between() as net:
        net.client.address("10.1.0.2/24")
        net.server.address("10.1.0.3/24")
        with Machine(words=net.inside(arguments(extra=net.cards("e1000"))), fds=net.fds) as m:
            ...

The namespaces are called weir-PID-client and weir-PID-server, for `ip netns exec`. They go away whatever happens to this
program: a janitor waits for the end of a pipe that only this program holds, then kills what runs in the namespaces (QEMU
runs in one) and removes them. Names for which no janitor runs are leftovers, and removed by whoever comes next.
Needs root; missing() says what is not there."""
import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
from contextlib import contextmanager
from pathlib import Path

import scratch
from report import Failure

NAMES = re.compile(r"weir-\d+-(client|server|diff)")
CARDS = ("52:54:00:00:01:01", "52:54:00:00:02:01")  # the machine's eth0 and eth1
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_MULTI_QUEUE, IFF_NO_PI, IFF_VNET_HDR = 0x400454ca, 0x2, 0x100, 0x1000, 0x4000
NO_IPV6 = """for f in ipv6/conf/all/disable_ipv6 ipv6/conf/default/disable_ipv6; do
    [ ! -e /proc/sys/net/$f ] || echo 1 >/proc/sys/net/$f
done"""
JANITOR = """trap '' HUP INT QUIT TERM
cat >/dev/null
for ns; do
    for round in 1 2 3 4 5 6 7 8 9; do
        pids=$(ip netns pids "$ns" 2>/dev/null)
        [ -n "$pids" ] || break
        kill -9 $pids
        sleep 0.05
    done
    ip netns del "$ns"
done 2>/dev/null"""


def missing():
    """Why there can be no namespaces here, or None."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    if not shutil.which("ip"):
        return "needs ip (package iproute2)"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun"
    made = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True, check=False)
    return None if made.returncode == 0 else "network namespaces are not allowed here: " + made.stderr.strip()


def run(*words):
    r = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if r.returncode:
        raise Failure(f"{' '.join(words)}: {(r.stderr or r.stdout).strip()}")
    return r.stdout


def leftover(listed, commands):
    """Those of the names in `ip netns list` that no janitor cares for; commands: the words of each process."""
    cared = {word for words in commands if "janitor" in words for word in words}
    names = [line.split()[0] for line in listed.splitlines() if line.split()]
    return [n for n in names if NAMES.fullmatch(n) and n not in cared]


def commands_running():
    for p in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield p.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            pass  # it has ended


def janitor(names):
    """The end of its pipe sets it to work. In a session of its own: a terminal's signals are not for it."""
    return subprocess.Popen(["sh", "-c", JANITOR, "janitor", *names], stdin=subprocess.PIPE, start_new_session=True,
                            env=scratch.without())


def sweep():
    names = leftover(run("ip", "netns", "list"), commands_running())
    if names:
        janitor(names).communicate()


class Namespace:
    def __init__(self, name, tap, queues=1):
        self.name, self.tap, self.queues = name, tap, queues

    def make(self):
        """Gives the files that are the other end of the tap, one for each of its queues."""
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        return self.add_tap(self.tap)

    def add_tap(self, name):
        flags, fds = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (IFF_MULTI_QUEUE if self.queues > 1 else 0), []
        with self.entered():
            for _ in range(self.queues):
                fds.append(os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK))
                fcntl.ioctl(fds[-1], TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
        self.ip("link", "set", name, "up")
        return fds

    @contextmanager
    def entered(self):
        """A socket that this thread makes inside belongs to the namespace for good."""
        with open(f"/run/netns/{self.name}", "rb") as there, open("/proc/thread-self/ns/net", "rb") as home:
            setns(there.fileno())
            try:
                yield
            finally:
                setns(home.fileno())

    def socket(self, *kind):
        with self.entered():
            return socket.socket(*kind)

    def inside(self, words):
        return ["ip", "netns", "exec", self.name, *words]

    def ip(self, *words):
        return run("ip", "-n", self.name, *words)

    def address(self, prefix, gateway=None):
        self.ip("addr", "add", prefix, "dev", self.tap)
        if gateway:
            self.ip("route", "add", "default", "via", gateway)

    def mac(self):
        return re.search(r"link/ether (\S+)", self.ip("link", "show", self.tap)).group(1)


def setns(fd):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, CLONE_NEWNET):
        raise Failure(f"setns: {os.strerror(ctypes.get_errno())}")


class Between:
    def __init__(self, queues=1):
        self.client = Namespace(f"weir-{os.getpid()}-client", "tap0", queues)
        self.server = Namespace(f"weir-{os.getpid()}-server", "tap1", queues)
        self.fds, self.janitor = [], None

    def __enter__(self):
        why = missing()
        if why:
            raise Failure(why)
        sweep()
        self.janitor = janitor([self.client.name, self.server.name])
        try:
            for end in (self.client, self.server):
                self.fds += end.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.janitor.communicate()

    def hush(self):
        """Without IPv6, nothing is sent that nobody asked for."""
        for end in (self.client, self.server):
            run(*end.inside(["sh", "-c", NO_IPV6]))

    def inside(self, words):
        """Runs in the client's namespace what shall end with it."""
        return self.client.inside(words)

    def cards(self, kind, options=""):
        """QEMU's words for the two network cards."""
        words = []
        each = self.client.queues
        for n, mac in enumerate(CARDS):
            fds = self.fds[n * each:(n + 1) * each]
            files = f"fd={fds[0]}" if each == 1 else "fds=" + ":".join(map(str, fds))
            words += ["-netdev", f"tap,id=n{n},{files}", "-device", f"{kind},netdev=n{n},mac={mac},romfile={options}"]
        return words
