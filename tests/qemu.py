"""One QEMU with Weir in it, its serial port on a pseudo-terminal.

    with Machine(machine="q35", cpus=2, append="loglevel=7") as m:
        m.ready()
        assert "hi" in m.command("echo hi")

Always TCG: a /dev/kvm without VMX or SVM beneath it runs guests in an instruction emulator, thousands of times slower.
QEMU runs under timeout(1) in a process group of its own, so that neither a hang in the guest nor the end of the test
program leaves one behind."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import time
import tty
from pathlib import Path

from report import Failure

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("B", "build")
QEMU = os.environ.get("QEMU", "qemu-system-x86_64")
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"
OVMF_WORDS = ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}",
              "-drive", f"if=pflash,format=raw,unit=1,snapshot=on,file={OVMF_VARS}"]
PROMPT = "weir# "
AGAIN = r"\n\r*" + re.escape(PROMPT)  # the next prompt, at the start of its line
SLOW = float(os.environ.get("TEST_SLOW", "1"))  # stretches every time limit, for a busy machine


def arguments(machine="q35", firmware="qboot", cpus=1, cpu="max", mem=64, image=None, iso=None, append="",
              initrd=None, serial=("-serial", "chardev:console"), extra=()):
    """QEMU's words for one machine. firmware: qboot, seabios, seabios-iso, ovmf-iso; none: the caller
    adds what it boots from. serial: where the console's pseudo-terminal is plugged in."""
    words = [QEMU, "-nodefaults", "-display", "none", "-no-reboot", "-accel", "tcg,thread=multi", "-M", machine,
             "-smp", str(cpus), "-cpu", cpu, "-m", str(mem), *serial]
    if firmware.endswith("-iso"):
        words += ["-cdrom", str(iso or BUILD / "weir.iso")]
        if firmware == "ovmf-iso":
            words += OVMF_WORDS
    elif firmware != "none":
        bios = "qboot.rom" if firmware == "qboot" else "bios-microvm.bin" if machine.startswith("microvm") else None
        words += ["-bios", bios] if bios else []
        words += ["-kernel", str(image or BUILD / "weir.elf")]
        if "ip=" not in append:
            append = f"ip=off {append}".strip()  # a card that nobody configured says nothing
        words += ["-append", append]
        if initrd:
            words += ["-initrd", str(initrd)]
    return words + list(extra)


class Monitor:
    """QEMU's own side of the machine (QMP): what a person does who stands before it."""
    def __init__(self, machine):
        self.machine = machine
        self.socket, theirs = socket.socketpair()
        self.words = ["-chardev", f"socket,id=monitor,fd={theirs.fileno()}", "-mon", "chardev=monitor,mode=control"]
        self.theirs = theirs
        self.got = b""

    def begin(self):
        self.theirs.close()
        self.socket.settimeout(0.2)
        self.message()
        self.do("qmp_capabilities")

    def message(self):
        """The next one; the console is read meanwhile, so that the guest never waits for us."""
        until = time.monotonic() + 20 * SLOW
        while b"\n" not in self.got:
            self.machine.read(0)
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                more = b" "
            except ConnectionError:
                more = b""
            if not more or time.monotonic() >= until:
                raise Failure("QEMU's monitor does not answer;\n" + self.machine.tail())
            self.got += more
        line, self.got = self.got.split(b"\n", 1)
        return json.loads(line)

    def do(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = self.message()
            if "error" in answer:
                raise Failure(f"QEMU's monitor: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def human(self, line):
        return self.do("human-monitor-command", **{"command-line": line})


class Machine:
    def __init__(self, limit=60, words=None, fds=(), **kind):
        self.words = words or arguments(**kind)
        self.fds = fds  # open files that QEMU is given
        self.limit = limit * SLOW
        self.log = b""
        self.seen = 0  # how much of the log has been matched
        self.process = self.fd = self.tail_fd = None
        self.own_words = tempfile.TemporaryFile()  # what QEMU itself says
        self.monitor = None

    def __enter__(self):
        if not shutil.which(self.words[0]):
            raise Failure(f"{self.words[0]} is not installed")
        self.fd, self.tail_fd = pty.openpty()
        tty.setraw(self.tail_fd)
        os.set_blocking(self.fd, False)
        fcntl.ioctl(self.tail_fd, termios.TIOCSWINSZ, b"\x18\0\x50\0\0\0\0\0")
        self.began = time.monotonic()
        self.process = self.spawn(["timeout", "-k", "2", str(int(self.limit) + 5), *self.words])
        if self.monitor:
            self.monitor.begin()
        return self

    def spawn(self, words):
        console = ["-chardev", f"serial,id=console,path={os.ttyname(self.tail_fd)}"]
        self.monitor = Monitor(self)
        return subprocess.Popen([*words, *console, *self.monitor.words], stdin=subprocess.DEVNULL, stdout=self.own_words,
                                stderr=self.own_words, start_new_session=True,
                                pass_fds=[self.monitor.theirs.fileno(), *self.fds])

    def __exit__(self, *_):
        self.stop()
        if self.monitor:
            self.monitor.socket.close()
        os.close(self.fd)
        os.close(self.tail_fd)
        self.own_words.close()

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def text(self):
        return self.log.decode("utf-8", "replace").replace("\r\n", "\n")

    def read(self, seconds):
        """Takes in what the guest has written; False when QEMU has ended and all is read."""
        ended = self.process.poll() is not None
        if select.select([self.fd], [], [], 0 if ended else max(0, seconds))[0]:
            data = os.read(self.fd, 65536)
            self.log += data
            return True
        return not ended

    def expect(self, pattern, seconds=20):
        """Waits for a regular expression in what has not been matched yet; gives the match."""
        until = min(time.monotonic() + seconds * SLOW, self.began + self.limit)
        alive = True
        while True:
            m = re.search(pattern.encode(), self.log[self.seen:])
            if m:
                self.seen += m.end()
                return m
            if not alive or time.monotonic() >= until:
                why = "has not come" if alive else f"had not come when QEMU ended ({self.process.wait()})"
                raise Failure(f"{pattern!r} {why}; the console's last lines:\n" + self.tail())
            alive = self.read(min(0.2, until - time.monotonic()))

    def ready(self, seconds=30):
        """Boots; gives the milliseconds that Weir says it took."""
        ms = int(self.expect(r"weir: ready in (\d+) ms", seconds).group(1))
        self.expect(re.escape(PROMPT), seconds)
        return ms

    def type(self, text, seconds=60):
        """Keys, as fast as the guest takes them; what it writes meanwhile is taken in."""
        data = text if isinstance(text, bytes) else text.encode()
        until = time.monotonic() + seconds * SLOW
        while data:
            self.read(0)
            if select.select([], [self.fd], [], 0.2)[1]:
                data = data[os.write(self.fd, data[:256]):]
            if time.monotonic() >= until:
                raise Failure(f"the console takes no keys: {len(data)} are left;\n" + self.tail())

    def command(self, line, seconds=20):
        """Types a line; gives what was printed before the next prompt, without the echo of the line."""
        self.type(line + "\r")
        start = self.seen
        self.expect(AGAIN, seconds)
        out = plain(self.log[start:self.seen].decode("utf-8", "replace"))
        rows = 1 + (len(PROMPT) + len(line.split("\r")[0]) - 1) // 79  # a long line goes on in the next row
        return "\n".join(out.split("\n")[rows:-1])

    def recover(self):
        """To a prompt from wherever it is: ends what runs, drops what is typed, and reads on behind it."""
        self.type("\x03\x15\recho still-$(echo here)\r")
        self.expect(r"\nstill-here\r?\n", 30)
        self.expect(re.escape(PROMPT), 10)

    def wait(self, seconds=20):
        """Waits until QEMU has ended by itself; gives its exit status."""
        until = time.monotonic() + seconds * SLOW
        while self.read(0.1):
            if time.monotonic() >= until:
                raise Failure("the machine has not gone off; the console's last lines:\n" + self.tail())
        return self.process.wait()

    def tail(self, lines=12):
        self.own_words.seek(0)
        last = [line if len(line) < 300 else line[:140] + " ... " + line[-140:]
                for line in plain(self.text()).rstrip().split("\n")[-lines:]]
        return "\n".join(last) + "\n" + self.own_words.read().decode("utf-8", "replace")


def plain(text):
    """Without escape sequences and carriage returns, as a reader sees it."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][A-Z0-9]?", "", text)
    return text.replace("\r\n", "\n").replace("\r", "")
