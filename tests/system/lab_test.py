#!/usr/bin/env python3
"""`make lab` through a pseudo-terminal: it comes up, joins client and server, and leaves nothing behind however it ends."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from qemu import PROMPT, QEMU, ROOT, SLOW, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

LAB = [str(ROOT / "tests/lab.py"), "--card", "e1000"]


class Lab(Machine):
    """A terminal of its own, which ends when the test closes it: as a window does."""
    folder = None

    def spawn(self, words):
        words = [words[0], "--foreground", *words[1:]]
        path = os.ttyname(self.tail_fd)
        return subprocess.Popen(words, stdin=self.tail_fd, stdout=self.tail_fd, stderr=self.tail_fd, start_new_session=True,
                                preexec_fn=lambda: os.close(os.open(path, os.O_RDWR)))

    def up(self):
        """To the prompt; gives the number in the names of the namespaces."""
        self.pid = int(self.expect(r"weir-(\d+)-client").group(1))
        self.folder = Path(self.expect(r"unix:(\S+)/monitor").group(1).decode())
        self.ready(60)
        self.qemu = [int(p) for p in netns.run("ip", "netns", "pids", f"weir-{self.pid}-client").split()]
        if not self.qemu:
            raise Failure("QEMU does not run in the client's namespace")

    def ended(self):
        """Nothing is left: no namespace, no QEMU, no folder."""
        until = time.monotonic() + 20 * SLOW
        while left := self.left():
            if time.monotonic() > until:
                raise Failure(f"left behind: {left}")
            time.sleep(0.05)

    def left(self):
        names = [n for n in netns.run("ip", "netns", "list").split() if n.startswith(f"weir-{self.pid}-")]
        return names + [f"process {p}" for p in self.qemu if running(p)] + [str(f) for f in [self.folder] if f and f.exists()]


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def ends(how, status=None):
    def test():
        with Lab(words=LAB, limit=120) as m:
            before = termios.tcgetattr(m.tail_fd)
            m.up()
            how(m)
            m.ended()
            if status is not None:
                same("exit status", m.wait(), status)
                same("the terminal's mode", termios.tcgetattr(m.tail_fd), before)
    return test


def same(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what} is {got!r}, not {wanted!r}")


def close_terminal(m):
    """The last of its files is closed: all that run in it get SIGHUP."""
    for fd in (m.fd, m.tail_fd):
        os.close(fd)
    m.fd, m.tail_fd = os.open("/dev/null", os.O_RDWR), os.open("/dev/null", os.O_RDWR)


def ctrl_c_is_weirs(m):
    """A key for Weir, not the end of the lab."""
    m.type("sleep 1000\r")
    m.expect("sleep 1000")
    m.type("\x03")
    m.expect(re.escape(PROMPT), 20)
    m.type("\x01x")


def early_ctrl_c():
    with Lab(words=LAB, limit=60) as m:
        m.pid, m.qemu = int(m.expect(r"weir-(\d+)-client").group(1)), []
        os.kill(m.pid, signal.SIGINT)
        m.ended()


def reaches(card):
    """A TCP connection through Weir, of both families; the first second after it has come up may be deaf."""
    with Lab(words=[*LAB, "--card", card], limit=120) as m:
        m.up()
        client, server = (netns.Namespace(f"weir-{m.pid}-{end}", None) for end in ("client", "server"))
        for family, here, there in ((socket.AF_INET, "10.1.0.2", "10.2.0.2"),
                                    (socket.AF_INET6, "2001:db8:1::2", "2001:db8:2::2")):
            with server.socket(family) as listener, client.socket(family) as s:
                listener.bind((there, 80))
                listener.listen()
                listener.settimeout(30 * SLOW)
                s.settimeout(30 * SLOW)
                s.connect((there, 80))
                same("who came", listener.accept()[1][0], here)


def without_network():
    """Where there is no `ip`, as where there is no root: the lab says so and has a console."""
    with tempfile.TemporaryDirectory() as folder:
        for tool in (QEMU, "timeout"):
            Path(folder, Path(tool).name).symlink_to(shutil.which(tool))
        with Lab(words=["env", f"PATH={folder}", sys.executable, *LAB], limit=120) as m:
            m.expect("lab: without a network: needs ")
            m.ready(60)
            same("the answer", m.command("echo hi"), "hi")
            m.type("\x01x")
            same("exit status", m.wait(), 0)


def main():
    report = Report()
    report.run("lab_without_a_network", without_network)
    why = netns.missing()
    if why:
        report.skip("lab", why)
        report.end()
    report.run("lab_ends_by_ctrl_a_x", ends(lambda m: m.type("\x01x"), 0))
    report.run("lab_ends_by_poweroff", ends(lambda m: m.type("poweroff\r"), 0))
    report.run("lab_ctrl_c_is_weirs", ends(ctrl_c_is_weirs, 0))
    report.run("lab_ctrl_c_before_the_console", early_ctrl_c)
    report.run("lab_qemu_is_killed", ends(lambda m: [os.kill(p, signal.SIGKILL) for p in m.qemu], 1))
    report.run("lab_is_killed", ends(lambda m: os.kill(m.pid, signal.SIGKILL)))
    report.run("lab_is_terminated", ends(lambda m: os.kill(m.pid, signal.SIGTERM), 143))
    report.run("lab_terminal_is_closed", ends(close_terminal))
    for card in ("e1000", "virtio-net-pci"):
        report.run(f"lab_client_reaches_server_{card}", reaches, card)
    report.end()


if __name__ == "__main__":
    main()
