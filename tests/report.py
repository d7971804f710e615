"""How a test program tells its results, whatever it is written in.

Standard output holds one line per result, `ok NAME`, `FAIL NAME: why` or `SKIP NAME: why` (more lines may follow a FAIL,
indented), and ends in `N passed, N failed, N skipped`. The exit status is 1 when something failed or nothing ran.
tests/run.py folds the programs' counts into one; a program that ends without its count is itself a failure. Temporary
files are tests/scratch.py's: nothing is left of them."""
import re
import sys
import traceback

import scratch

COUNT = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")


class Report:
    def __init__(self):
        scratch.own()
        self.passed = self.failed = self.skipped = 0

    def ok(self, name):
        self.passed += 1
        print(f"ok {name}", flush=True)

    def fail(self, name, why):
        self.failed += 1
        head, *rest = str(why).rstrip().splitlines() or [""]
        print(f"FAIL {name}: {head}", *("    " + line for line in rest), sep="\n", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"SKIP {name}: {why}", flush=True)

    def check(self, name, truth, why=""):
        if truth:
            self.ok(name)
        else:
            self.fail(name, why or "is not so")

    def run(self, name, function, *args):
        """function() that returns passes; one that raises fails with what it raised."""
        try:
            function(*args)
        except Exception as e:  # pylint: disable=broad-except
            why = str(e) or type(e).__name__
            if not isinstance(e, (AssertionError, Failure)):
                why += "\n" + traceback.format_exc()
            self.fail(name, why)
        else:
            self.ok(name)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed or not self.passed + self.skipped else 0)


class Failure(Exception):
    """A test's own word for what is wrong; needs no traceback."""
