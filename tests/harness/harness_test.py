#!/usr/bin/env python3
"""The harness itself: each way in which a test can go wrong makes `make test` fail, and says why.

Fake test programs try the folding of counts; Weir's hidden tests `selftest_*`, and a QEMU that is not there, try the
way from the guest to the count."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from report import Report  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SLOW = float(os.environ.get("TEST_SLOW", "1"))

# what a program does, what the harness makes of it: last line, a word of its reason
FAKES = [
    ("good", "echo 'ok a'; echo 'SKIP b: no such thing here'; echo '1 passed, 0 failed, 1 skipped'",
     "1 passed, 0 failed, 1 skipped", "SKIP b: no such thing here"),
    ("bad", "echo 'ok a'; echo 'FAIL b: it is 2'; echo '1 passed, 1 failed, 0 skipped'; exit 1",
     "1 passed, 1 failed, 0 skipped", "FAIL b: it is 2"),
    ("silent", "exit 0", "0 passed, 1 failed, 0 skipped", "without a count"),
    ("empty", "echo '0 passed, 0 failed, 0 skipped'", "0 passed, 1 failed, 0 skipped", "ran no test"),
    ("liar", "echo '3 passed, 0 failed, 0 skipped'; exit 3", "3 passed, 1 failed, 0 skipped", "status 3"),
    ("crash", "echo '3 passed, 0 failed, 0 skipped'; kill -SEGV $$", "3 passed, 1 failed, 0 skipped", "status -11"),
    ("chatty", "echo '3 passed, 0 failed, 0 skipped'; echo more", "0 passed, 1 failed, 0 skipped", "without a count"),
    ("hang", "echo '3 passed, 0 failed, 0 skipped'; sleep 30 & wait", "0 passed, 1 failed, 0 skipped", "had not ended"),
    ("leaver", "setsid sleep 60 & echo 'ok a'; echo '1 passed, 0 failed, 0 skipped'", "1 passed, 0 failed, 0 skipped",
     "1 passed"),
]


def run(words, **env):
    return subprocess.run(words, cwd=ROOT, env=dict(os.environ, **env), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, timeout=300)


def fakes(report):
    with tempfile.TemporaryDirectory() as folder:
        for name, script, last, word in FAKES:
            program = Path(folder) / name
            program.write_text("#!/bin/sh\n" + script + "\n")
            program.chmod(0o755)
            r = run(["tests/run.py", "--programs", str(program)], TEST_LIMIT="2" if name == "hang" else "20")
            right = r.stdout.rstrip().splitlines()[-1:] == [last] and word in r.stdout and \
                r.returncode == int(" 0 failed" not in last)
            report.check(f"harness_{name}", right, f"status {r.returncode}\n{r.stdout}{r.stderr}")
        r = run(["tests/run.py", "--programs", f"{folder}/not-there", f"{folder}/good"], TEST_LIMIT="20")
        report.check("harness_missing_program", r.returncode == 1 and "cannot start" in r.stdout and
                     r.stdout.endswith("1 passed, 1 failed, 1 skipped\n"), r.stdout + r.stderr)


# Says where its temporary files are, and goes on when it is told to end.
STAYS = f"""#!{sys.executable}
import os, pathlib, signal, subprocess, sys, tempfile, time
here = pathlib.Path(__file__).parent
signal.signal(signal.SIGTERM, lambda *_: (here / "told").write_text(""))
child = subprocess.Popen(["sleep", "300"], start_new_session=True)
pathlib.Path(tempfile.mkdtemp(), "left").write_text("")
(here / "new").write_text(f"{{tempfile.gettempdir()}} {{os.getpid()}} {{child.pid}}")
(here / "new").rename(here / "begun")
while True:
    time.sleep(300)
"""


def soon(what):
    until = time.monotonic() + 20 * SLOW
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    return what()


def ended(report, how, number, status):
    """A run that is ended from without: nothing is left of its files and of what it began."""
    with tempfile.TemporaryDirectory() as folder:
        program, begun = Path(folder) / "stays", Path(folder) / "begun"
        program.write_text(STAYS)
        program.chmod(0o755)
        with subprocess.Popen(["tests/run.py", "--programs", str(program), str(program)], cwd=ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
            soon(begun.exists)
            where, *pids = begun.read_text().split()
            p.send_signal(number)
            p.stdout.read()
        left = soon(lambda: not Path(where).exists() and not any(Path("/proc", pid).exists() for pid in pids))
        told = Path(folder, "told").exists()
        report.check(f"harness_{how}", left and p.returncode == status and told == (number == signal.SIGTERM),
                     f"status {p.returncode}, told {told}, {where} is {os.path.exists(where)}, processes {pids}")


def guests(report):
    for test, word in [("selftest_fail", "1 + 1 == 3"), ("selftest_panic", "panic on purpose"),
                       ("selftest_hang", "no end of the tests"), ("selftest_stop", "plan"),
                       ("no_such_test", "no test")]:
        r = run(["tests/guest/guest_test.py", "--only", test, "--limit", "10"])
        report.check(f"harness_guest_{test}", r.returncode == 1 and "FAIL" in r.stdout and word in r.stdout and
                     " 0 failed" not in r.stdout.splitlines()[-1], f"status {r.returncode}\n{r.stdout}{r.stderr}")
    r = run(["tests/guest/guest_test.py", "--only", "selftest_ok", "--limit", "10"])
    report.check("harness_guest_selftest_ok", r.returncode == 0 and " 0 failed" in r.stdout, r.stdout + r.stderr)
    r = run(["tests/guest/guest_test.py"], QEMU="/nonexistent/qemu")
    report.check("harness_no_qemu", r.returncode == 1 and "is not installed" in r.stdout, r.stdout + r.stderr)


if __name__ == "__main__":
    rep = Report()
    fakes(rep)
    ended(rep, "terminated", signal.SIGTERM, 143)
    ended(rep, "killed", signal.SIGKILL, -signal.SIGKILL)
    guests(rep)
    rep.end()
