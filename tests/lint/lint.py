#!/usr/bin/env python3
"""make lint: holds the tree to the house rules. One line per finding, `path:line: rule: what`; exit 1 when there is one.

    lint.py [--root DIR] [--objects DIR] [--file PATH]... [CHECK...]     CHECK: floors sizes words objects picture style
"""
import argparse
import sys
import time
from pathlib import Path

import floors
import objects
import picture
import sizes
import source
import style
import words

CHECKS = {"floors": floors, "sizes": sizes, "words": words, "objects": objects,
          "picture": picture, "style": style}


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--root", default=str(Path(__file__).resolve().parents[2]))
    ask.add_argument("--objects", default="build/kernel", help="compiled files, relative to the root")
    ask.add_argument("--file", action="append", help="only look at this one (again for more); for checks of single files")
    ask.add_argument("checks", nargs="*")
    options = ask.parse_args()
    sources = [s for s in source.tree(options.root) if not options.file or s.path in options.file]
    found, began = 0, time.monotonic()
    for name in options.checks or CHECKS:
        for finding in CHECKS[name].check(sources, options):
            print(finding)
            found += 1
    lines = sum(len(s.lines) for s in sources if s.is_c)
    print(f"lint: {len(sources)} files, {lines} lines of C and assembly, {found} findings, "
          f"{time.monotonic() - began:.1f} s")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
