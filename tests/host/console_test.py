#!/usr/bin/env python3
"""Weir's console in a Linux terminal: `weir sh`, typed at through a pseudo-terminal."""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from qemu import PROMPT, Machine  # noqa: E402
from report import Failure, Report  # noqa: E402

WEIR = ROOT / "build/host/weir"


class Terminal(Machine):
    """An ordinary program, with the pseudo-terminal for its standard files."""

    def spawn(self, words):
        return subprocess.Popen(words, stdin=self.tail_fd, stdout=self.tail_fd, stderr=self.tail_fd,
                                start_new_session=True)


def console(*words):
    return Terminal(words=[str(WEIR), "sh", *map(str, words)])


def same(got, want):
    if got != want:
        raise Failure(f"{got!r}, not {want!r}")


def commands():
    with console() as c:
        c.expect(PROMPT)
        same(c.command("echo one two"), "one two")
        same(c.command("for i in 3 1 2; do echo $i; done | sort"), "1\n2\n3")
        same(c.command("A=kept"), "")
        same(c.command("echo $A"), "kept")
        if "frob" not in c.command("frob"):
            raise Failure("an unknown command is not named")


def editing():
    with console() as c:
        c.expect(PROMPT)
        same(c.command("echo ac\x1b[Db"), "abc")
        same(c.command("\x1b[A\x7fd"), "abd")


def ends_by_exit():
    with console() as c:
        c.expect(PROMPT)
        c.type("exit 7\r")
        same(c.wait(), 7)


def ends_by_ctrl_d():
    with console() as c:
        c.expect(PROMPT)
        c.type("\x04")
        same(c.wait(), 0)


def ctrl_c_ends_a_command():
    with console() as c:
        c.expect(PROMPT)
        c.type("sleep 1000\r")
        c.expect("sleep 1000")
        c.read(0.2)
        c.type("\x03")
        c.expect(PROMPT)
        same(c.command("echo $?"), "130")


def runs_its_file_first(folder):
    conf = folder / "weir.conf"
    conf.write_text("echo from the file >/tmp/said\n")
    with console(conf) as c:
        c.expect(PROMPT)
        same(c.command("cat /tmp/said"), "from the file")
        same(c.command("cat /etc/weir.conf"), "echo from the file >/tmp/said")


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        for test in (commands, editing, ends_by_exit, ends_by_ctrl_d, ctrl_c_ends_a_command):
            report.run(test.__name__, test)
        report.run("runs_its_file_first", runs_its_file_first, Path(name))
    report.end()


if __name__ == "__main__":
    main()
