#!/usr/bin/env python3
"""make bench: the figures of BENCHMARKS.md, or of one part of it.

    bench.py [PART...]     library guest wire router routes flood profile"""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import scratch  # noqa: E402
from qemu import BUILD  # noqa: E402

HERE = Path(__file__).resolve().parent
PARTS = {"library": [BUILD / "bench/weir-bench"], "guest": [HERE / "guest.py"], "wire": [HERE / "wire.py"],
         "router": [HERE / "router.py"], "routes": [HERE / "routes.py"], "flood": [HERE / "flood.py"],
         "profile": [HERE / "profile.py"]}


def main():
    wrong = [p for p in sys.argv[1:] if p not in PARTS]
    if wrong:
        print(f"bench: {' '.join(wrong)}: no such part; there are {' '.join(PARTS)}", file=sys.stderr)
        return 2
    scratch.own()
    status = 0
    for part in sys.argv[1:] or PARTS:
        print(f"\n## {part}\n", flush=True)
        status |= subprocess.run(PARTS[part], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
