"""The Linux peer: a router of Debian's kernel and busybox, and nothing else, made here from Debian's packages.

    with Between() as net, Peer(net, "e1000") as m:
        m.ready()
        m.command("cat /proc/softirqs")

The packages come by `apt-get download` into build/peer and stay there; nothing is installed. The cloud kernel, which is
smaller and quicker, has no e1000: that takes the general one. eth0 is 10.1.0.1/24, eth1 10.2.0.1/24, forwarding is on.
IPv6 has no addresses until ipv6_on(). It does not clear what it allocates (init_on_alloc=0), which Debian's does and which costs half as much again.
Its console answers as Weir's does, with the same prompt, so that what reads one reads the other."""
import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from netns import CARDS  # noqa: E402
from qemu import BUILD, PROMPT, Machine, arguments  # noqa: E402
from report import Failure  # noqa: E402

FOLDER = BUILD / "peer"
KERNELS = {"virtio-net-pci": "linux-image-cloud-amd64", "e1000": "linux-image-amd64"}  # packages that name the newest
MODULES = {"virtio-net-pci": ["virtio_pci", "virtio_net"], "e1000": ["e1000"]}
KERNEL_ENTRY = 0x100000  # of a bzImage, by the boot protocol
INIT = """#!/bin/busybox sh
/bin/busybox --install /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
for m in $(cat /modules/order); do insmod /modules/$m; done
for round in 1 2 3 4 5 6 7 8 9; do [ ! -e /sys/class/net/eth1 ] || break; usleep 100000; done
ip link set lo up
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
ip addr add 10.1.0.1/24 dev eth0; ip link set eth0 up
ip addr add 10.2.0.1/24 dev eth1; ip link set eth1 up
echo 1 > /proc/sys/net/ipv4/ip_forward
while printf '%s' '@PROMPT@' && read -r line; do eval "$line"; done
"""


class Missing(Failure):
    """The peer cannot be made here: no fault of what is measured."""


def tool(*words, cwd=None):
    if not shutil.which(words[0]):
        raise Missing(f"the Linux peer needs {words[0]}")
    r = subprocess.run(words, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if r.returncode:
        raise Missing(f"the Linux peer cannot be made: {' '.join(words)}: {r.stderr.strip()[-300:]}")
    return r.stdout


def first_dependency(text):
    """Of what apt-cache depends prints: a metapackage's kernel."""
    m = re.search(r"^\s*\|?Depends: (\S+)", text, re.M)
    if not m:
        raise Missing("the Linux peer cannot be made: apt knows no kernel (apt-get update?)")
    return m.group(1)


def unpacked(package):
    """The folder with a package's files, fetched if it is not there."""
    there = FOLDER / package
    if not there.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        print(f"fetching {package}", file=sys.stderr)
        tool("apt-get", "-q", "download", package, cwd=FOLDER)
        archive = next(FOLDER.glob(f"{package}_*.deb"))
        half = FOLDER / f"{package}.{os.getpid()}"
        tool("dpkg-deb", "-x", str(archive), str(half))
        half.rename(there)
        archive.unlink()
    return there


def kernel_package(nic):
    """The newest kernel that apt knows; without apt's lists, the one that is there."""
    try:
        return first_dependency(tool("apt-cache", "depends", KERNELS[nic]))
    except Missing:
        flavour = KERNELS[nic].removeprefix("linux-image")
        had = sorted(p.name for p in FOLDER.glob(f"linux-image-[0-9]*{flavour}")
                     if "cloud" in flavour or "cloud" not in p.name)
        if not had:
            raise
        return had[-1]


def depends(module):
    """What a module says that it needs: a word of its .modinfo."""
    m = re.search(rb"\0depends=([^\0]*)\0", module)
    return [w for w in m.group(1).decode().split(",") if w] if m else []


def load_order(names, read):
    """The modules with what they need, each after what it needs; read(name) gives a module's bytes, or None where it is
    part of the kernel."""
    order = {}

    def visit(name):
        name = name.replace("-", "_")
        module = read(name)
        if name in order or module is None:
            return
        for need in depends(module):
            visit(need)
        order[name] = module

    for name in names:
        visit(name)
    return order


def cpio(files):
    """An archive as the kernel unpacks it; files: path -> (mode, bytes)"""
    out = b""
    for inode, (path, (mode, data)) in enumerate([*files.items(), ("TRAILER!!!", (0, b""))], 1):
        words = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path) + 1, 0]
        out += b"070701" + "".join(f"{w:08x}" for w in words).encode() + path.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def ethtool():
    """The one program that busybox has no like of, with what it is linked to."""
    there = {"bin/ethtool": ("ethtool", "ethtool"), "lib64/ld-linux-x86-64.so.2": ("libc6", "ld-linux-x86-64.so.2"),
             "lib/libc.so.6": ("libc6", "libc.so.6"), "lib/libmnl.so.0": ("libmnl0", "libmnl.so.0")}
    files = {d: (0o40755, b"") for d in ("lib", "lib64")}
    for path, (package, name) in there.items():
        found = next((p for p in unpacked(package).rglob(name) if p.parent.name != "bash-completion" and p.is_file()
                      and "completions" not in p.parts), None)
        if not found:
            raise Missing(f"the Linux peer cannot be made: {package} has no {name}")
        files[path] = (0o100755, found.read_bytes())
    return files


def archive_of(nic, kernel):
    paths = {p.stem.replace("-", "_"): p for p in (kernel / "lib/modules").rglob("*.ko")}
    order = load_order(MODULES[nic], lambda name: paths[name].read_bytes() if name in paths else None)
    files = {d: (0o40755, b"") for d in ("bin", "dev", "proc", "sys", "modules")}
    files["bin/busybox"] = (0o100755, (unpacked("busybox-static") / "bin/busybox").read_bytes())
    files["init"] = (0o100755, INIT.replace("@PROMPT@", PROMPT).encode())
    files.update(ethtool())
    files["modules/order"] = (0o100644, "\n".join(order).encode())
    files.update({f"modules/{name}": (0o100644, module) for name, module in order.items()})
    return gzip.compress(cpio(files), 6, mtime=0)


def built(nic):
    """(kernel, initial archive) for a kind of card"""
    package = kernel_package(nic)
    kernel = unpacked(package)
    archive = FOLDER / f"{package}-{nic}.cpio.gz"
    half = FOLDER / f"{archive.name}.{os.getpid()}"
    half.write_bytes(archive_of(nic, kernel))
    half.rename(archive)
    return next((kernel / "boot").glob("vmlinuz-*")), archive


class Peer(Machine):
    NAME = "Linux"
    OFFLOADS_OFF = "for w in tso gso gro tx rx sg; do ethtool -K eth{i} $w off; done"
    IPV6 = ("ip -6 addr add 2001:db8:1::1/64 dev eth0; ip -6 addr add 2001:db8:2::1/64 dev eth1; "
            "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")

    def __init__(self, net, nic, cpus=1, extra=(), limit=300, mem=256):
        self.net = net
        image, archive = built(nic)
        words = arguments(image=image, initrd=archive, cpus=cpus, mem=mem, extra=[*net.cards(nic), *extra],
                          append="console=ttyS0 quiet mitigations=off panic=-1 init_on_alloc=0")
        super().__init__(words=net.inside(words), fds=net.fds, limit=limit)
        self.address()

    def address(self):
        self.net.client.address("10.1.0.2/24", "10.1.0.1")
        self.net.server.address("10.2.0.2/24", "10.2.0.1")

    def ready(self, seconds=60):
        self.expect(re.escape(PROMPT), seconds)

    def ipv6_on(self):
        self.command(self.IPV6)

    def frames_to(self, family=4):
        """(MAC, source, destination) of what goes from client to server"""
        return (CARDS[0], "10.1.0.2", "10.2.0.2") if family == 4 else (CARDS[0], "2001:db8:1::2", "2001:db8:2::2")
