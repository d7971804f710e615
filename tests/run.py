#!/usr/bin/env python3
"""make test: builds what is tested, runs every test program, folds their counts into one.

    run.py [WORD]            only the programs whose name holds WORD
    run.py --programs P...   these programs instead (how the harness tests itself)

A test program is build/weir-test, or any executable tests/KIND/NAME_test.py or .sh; its protocol is tests/report.py's.
Whatever it does but end well is a failure: no count, a count of nothing, a bad exit status, too long a time.
The last line is the sum, alone. Temporary files of all of them lie in one folder, which goes away in the end. A run that
is terminated tells its programs to end, and ends them."""
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import scratch  # noqa: E402
from report import COUNT  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
LONG = bool(os.environ.get("TEST_LONG"))
GRACE = 5  # seconds for what is told to end
LIMIT = float(os.environ.get("TEST_LIMIT", "3600" if LONG else "420"))  # seconds for one program
BUILT = ["all", "debug", "host", "iso", "build/weir-test", "build/weir-test-tsan", "fuzzers", "benches", "build/diff/parse_dump"]


running = set()


def kill(p, number):
    """It and its children, even when it has ended itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(p.pid, number)


def end_all():
    """Each may take back what it has begun; who is not done by then is killed."""
    for p in list(running):
        kill(p, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while running and time.monotonic() < until:
        time.sleep(0.05)
    for p in list(running):
        kill(p, signal.SIGKILL)


class Program:
    def __init__(self, name, words, env=None):
        self.name, self.words, self.env = name, words, dict(os.environ, **(env or {}))
        for word in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # a make that a test starts is its own master
            self.env.pop(word, None)
        self.passed = self.failed = self.skipped = 0
        self.seconds, self.output = 0.0, ""

    def run(self):
        began = time.monotonic()
        late = False
        with tempfile.TemporaryFile() as out:  # no pipe: a process that the program left behind would hold it open
            try:
                p = subprocess.Popen(self.words, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=subprocess.STDOUT, start_new_session=True)
            except OSError as e:
                self.judge(1, f"cannot start {self.words[0]}: {e.strerror}\n")
                return self
            running.add(p)
            try:
                p.wait(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                late = True
            kill(p, signal.SIGKILL)
            p.wait()
            running.discard(p)
            self.seconds = time.monotonic() - began
            out.seek(0)
            self.judge(p.returncode, out.read().decode("utf-8", "replace"), late)
        return self

    def judge(self, status, output, late=False):
        """Takes the count, and adds a failure of its own for whatever the count does not tell."""
        self.output = output
        lines = output.rstrip().splitlines()
        m = COUNT.fullmatch(lines[-1]) if lines and not late else None
        why = None
        if m:
            self.passed, self.failed, self.skipped = map(int, m.groups())
            if not self.passed + self.failed + self.skipped:
                why = "ran no test"
            elif status and not self.failed:
                why = f"counts no failure but ended with status {status}"
        elif late:
            why = f"had not ended after {LIMIT:.0f} s"
        else:
            why = f"ended with status {status} and without a count"
        if why:
            self.failed += 1
            self.output += f"\nFAIL {self.name}: {why}; its last words:\n" + \
                "".join(f"    {line}\n" for line in lines[-15:])

    def show(self):
        print(f"{self.name:<24} {self.passed:5} passed {self.failed:3} failed {self.skipped:3} skipped "
              f"{self.seconds:7.1f} s")
        telling = False
        for line in self.output.splitlines():
            telling = line.startswith(("FAIL ", "SKIP ")) or telling and line.startswith("    ") or \
                self.failed and not line.startswith("ok ") and not COUNT.fullmatch(line)
            if telling:
                print("  " + line)
        sys.stdout.flush()


def build():
    """As a test of its own: what does not compile fails what needs it, not the rest."""
    p = Program("build", ["make", "-s", "-k", *BUILT])
    began = time.monotonic()
    r = subprocess.run(p.words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       check=False, close_fds=False)
    p.seconds = time.monotonic() - began
    out = r.stdout.decode("utf-8", "replace")
    p.judge(r.returncode, out + f"\n{int(not r.returncode)} passed, {int(bool(r.returncode))} failed, 0 skipped\n")
    if r.returncode:
        p.output = f"FAIL build: make {' '.join(BUILT)}\n" + "\n".join(out.splitlines()[-40:])
    return p


def discovered():
    yield Program("unit", ["build/weir-test"])
    seconds = ["-t", "600"] if LONG else []
    yield Program("unit-threads", ["build/weir-test-tsan"] + seconds, {"HOST_CPUS": "4"})
    for p in sorted([*ROOT.glob("tests/*/*_test.py"), *ROOT.glob("tests/*/*_test.sh")]):
        name = p.relative_to(ROOT / "tests").as_posix().rsplit("_test", 1)[0]
        yield Program(name, [str(p)])


def main(args):
    done = []
    scratch.own(always=True)
    if args[:1] == ["--programs"]:
        programs = [Program(Path(p).name, [str(Path(p).resolve())]) for p in args[1:]]
    else:
        programs = [p for p in discovered() if not args or args[0] in p.name]
        done.append(build())
        done[0].show()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        try:
            for p in pool.map(Program.run, programs):
                p.show()
                done.append(p)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
    failed = sum(p.failed for p in done)
    if not programs:
        print(f"FAIL run: no test program's name holds {args[0] if args else ''!r}")
        failed += 1
    print(f"{sum(p.passed for p in done)} passed, {failed} failed, {sum(p.skipped for p in done)} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
