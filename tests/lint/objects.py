"""All mutable state of net/ hangs on struct net: its objects hold no writable data, the registries of sets apart:
their entries are constant, and the one word that says where a slot or a counter lies is filled in once, before anything
is counted. Looks at what was compiled; what was not is a finding too."""
import re
import subprocess
from pathlib import Path

WRITABLE = "dDbBcCgGsSvV"  # nm's letters, small data and weak objects as well
REGISTRY = re.compile(r"net_slot_\w+_offset|counter_\w+_index")  # lib/net.h, lib/stats.h


def check(sources, options):
    folder = Path(options.root) / options.objects
    for s in sources:
        if not s.path.startswith("net/") or not s.path.endswith(".c"):
            continue
        compiled = folder / (s.path + ".o")
        if not compiled.exists():
            yield f"{s.path}:1: state: not compiled, so its data cannot be looked at (make lint compiles it)"
            continue
        for line in subprocess.run(["nm", str(compiled)], capture_output=True, text=True, check=True).stdout.splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in WRITABLE and not REGISTRY.fullmatch(words[2]):
                yield f"{s.path}:1: state: {words[2]} is writable data; state of net/ hangs on struct net"
