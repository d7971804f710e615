#!/usr/bin/env python3
"""make lab: Weir's console in this terminal, between a client and a server.

    lab.py [--card virtio-net-pci] [--cpus 2] [--conf weir.conf] [--append WORDS]

    client --tap0-- [eth0 Weir eth1] --tap1-- server

The client and the server are network namespaces (tests/netns.py); commands to reach them from another terminal are printed
first. Without --conf Weir is the README's first router; each end has it for its gateway. Ctrl-A x leaves, as does poweroff. Whatever ends it, QEMU and the namespaces go with it.
Without root there is no network, and the rest is the same."""
import argparse
import signal
import subprocess
import sys
import tempfile
import termios
from contextlib import contextmanager, nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import netns  # noqa: E402
import scratch  # noqa: E402
from qemu import BUILD, ROOT, arguments  # noqa: E402
from report import Failure  # noqa: E402

CONSOLE = ["-chardev", "stdio,id=console,mux=on,signal=off", "-mon", "chardev=console"]


@contextmanager
def terminal():
    """As it was, in the end: a QEMU that is killed leaves it raw."""
    if not sys.stdin.isatty():
        yield
        return
    was = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, was)
        except termios.error:
            pass  # the terminal is gone


def first_router():
    """What README.md prints as one."""
    lines = (ROOT / "README.md").read_text().split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("    # weir.conf:"))
    last = next(i for i in range(first, len(lines)) if not lines[i])
    return "\n".join(line[4:] for line in lines[first:last]) + "\n"


def addresses(net):
    for n, end in enumerate((net.client, net.server), 1):
        end.address(f"10.{n}.0.2/24", f"10.{n}.0.1")
        end.ip("addr", "add", f"2001:db8:{n}::2/64", "dev", end.tap, "nodad")
        end.ip("route", "add", "default", "via", f"2001:db8:{n}::1")


def run(options, net, folder):
    monitor, debugger = Path(folder) / "monitor", Path(folder) / "gdb"
    words = ["-monitor", f"unix:{monitor},server=on,wait=off", "-gdb", f"unix:{debugger},server=on,wait=off",
             "-device", "virtio-rng-pci"]
    conf = options.conf
    if net:
        addresses(net)
        print("client:    " + " ".join(net.client.inside(["ping", "10.2.0.2"])))
        print("server:    " + " ".join(net.server.inside(["tcpdump", "-ni", net.server.tap])))
        words += net.cards(options.card)
        if not conf:
            conf = Path(folder) / "weir.conf"
            conf.write_text(first_router())
    print(f"monitor:   socat - unix:{monitor}")
    print(f"debugger:  gdb {BUILD / 'weir.elf'} -ex 'target remote {debugger}'")
    print("Ctrl-A x leaves.", flush=True)
    append = options.append if "ip=" in options.append else f"ip=on {options.append}"
    words = arguments(cpus=options.cpus, initrd=conf, append=append, extra=[*words, *CONSOLE])
    status = subprocess.run(net.inside(words) if net else words, pass_fds=net.fds if net else (), check=False).returncode
    if status:
        print(f"\r\nlab: QEMU has ended with status {status}", file=sys.stderr)
    return 1 if status else 0


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask.add_argument("--card", default="virtio-net-pci")
    ask.add_argument("--cpus", type=int, default=2)
    ask.add_argument("--conf")
    ask.add_argument("--append", default="")
    options = ask.parse_args()
    scratch.own(always=True)
    why = netns.missing()
    if why:
        print("lab: without a network: " + why)
    try:
        with terminal(), nullcontext() if why else netns.Between() as net:
            return run(options, net, tempfile.gettempdir())
    except Failure as e:
        print(f"lab: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
