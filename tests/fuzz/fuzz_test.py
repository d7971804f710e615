#!/usr/bin/env python3
"""Fuzz targets: each tests/fuzz/fuzz_NAME.c runs over its corpus (tests/fuzz/corpus/NAME/), then over new inputs.

    fuzz_test.py [--seconds N] [TARGET...]

Without --seconds the new inputs are a fixed number from a fixed seed: the same run each time, some seconds long. With
it each target works that long from a new seed, on all CPUs, and keeps what it finds under build/fuzz/found/NAME/; a
crash leaves its input at build/fuzz/crash/NAME-*, to become a file of the corpus together with the mending."""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from report import Report  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz"
LONG = bool(os.environ.get("TEST_LONG"))
RUNS = 200000 if LONG else 6000  # or, in the long test, as many as go into; or what its file says
MOST = 120  # seconds
SLOW = float(os.environ.get("TEST_SLOW", "1"))  # stretches the limits, for a busy machine
LIMIT = int(5 * SLOW)  # seconds for one input: longer is a hang


def fuzz(name, seconds):
    """(name, what went wrong or None, the last line of libFuzzer's statistics)"""
    program = BUILD / f"fuzz_{name}"
    corpus, found, crash = ROOT / "tests" / "fuzz" / "corpus" / name, BUILD / "found" / name, BUILD / "crash"
    if not program.exists():
        return name, f"{program.relative_to(ROOT)} was not built", ""
    for folder in (found, crash):
        folder.mkdir(parents=True, exist_ok=True)
    words = [str(program), f"-artifact_prefix={crash}/{name}-", f"-timeout={LIMIT}", "-rss_limit_mb=2048",
             "-print_final_stats=1", "-verbosity=1", "-close_fd_mask=1"]
    # What is found goes into the first folder: never into the corpus, which is the tree's.
    scratch = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
    if seconds or LONG:
        words.append(f"-max_total_time={seconds or MOST}")
    slow = re.search(r"(\d+) inputs in make test", (ROOT / "tests" / "fuzz" / f"fuzz_{name}.c").read_text())
    runs = int(slow.group(1)) if slow and not LONG else RUNS
    words += [str(found)] if seconds else [f"-runs={runs}", "-seed=1", scratch.name]
    words += [str(corpus)] if corpus.is_dir() else []
    try:
        p = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=(seconds or 300 * SLOW) + 60 * SLOW,
                           check=False)
    except subprocess.TimeoutExpired:
        return name, "has not ended", ""
    text = p.stderr.decode("utf-8", "replace")
    m = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    if p.returncode or not m or int(m.group(1)) == 0:
        return name, f"status {p.returncode}\n" + "\n".join(text.splitlines()[-40:]), ""
    cover = re.findall(r"cov: (\d+)", text)
    return name, None, f"{m.group(1)} inputs, {cover[-1] if cover else '?'} edges"


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--seconds", type=int, default=0)
    ask.add_argument("targets", nargs="*")
    options = ask.parse_args()
    every = sorted(p.stem.removeprefix("fuzz_") for p in (ROOT / "tests" / "fuzz").glob("fuzz_*.c"))
    report = Report()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for name, why, stats in pool.map(lambda n: fuzz(n, options.seconds), options.targets or every):
            if why:
                report.fail(f"fuzz_{name}", why)
            else:
                report.ok(f"fuzz_{name}: {stats}")
    report.end()


if __name__ == "__main__":
    main()
