"""Where temporary files lie: a folder that goes away with the program that asked for it, whatever ends that.

    scratch.own()       from here on, this program's temporary files, and those of all that it runs, are in one folder

A janitor waits for the end of a pipe that only this program holds (as that of netns.py), then kills what still runs with
the folder in its environment, and removes it. What runs within such a program has the same one, unless it always wants
its own. A program that is
terminated ends as if it had left by itself, so that what it began is taken back in order."""
import atexit
import os
import signal
import subprocess
import sys
import tempfile

JANITOR = """trap '' HUP INT QUIT TERM
cat >/dev/null
for round in 1 2 3 4 5 6 7 8 9; do
    pids=$(grep -alsF "TMPDIR=$1" /proc/[0-9]*/environ | cut -d/ -f3)
    [ -n "$pids" ] || break
    kill -9 $pids
    sleep 0.05
done 2>/dev/null
rm -rf "$1"
"""


def end(number, _frame):
    sys.exit(128 + number)


def new():
    folder = tempfile.mkdtemp(prefix="weir-")
    janitor = subprocess.Popen(["/bin/sh", "-c", JANITOR, "janitor", folder], stdin=subprocess.PIPE, start_new_session=True,
                               env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    atexit.register(janitor.communicate)
    os.environ["TMPDIR"] = os.environ["WEIR_SCRATCH"] = folder
    tempfile.tempdir = None  # asked for anew


def own(always=False):
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end)
    if always or not os.environ.get("TMPDIR") or os.environ.get("WEIR_SCRATCH") != os.environ["TMPDIR"]:
        new()


def without():
    """The environment of what outlives this program for a moment: other janitors."""
    return {name: value for name, value in os.environ.items() if name not in ("TMPDIR", "WEIR_SCRATCH")}
