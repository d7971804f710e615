"""All mutable state of net/ hangs on struct net: its objects hold no writable data. Looks at what was compiled."""
import subprocess
from pathlib import Path


def check(_sources, options):
    folder = Path(options.root) / options.objects
    files = [str(p) for p in sorted((folder / "net").rglob("*.o"))]
    if not files:
        return
    out = subprocess.run(["nm", "-A", *files], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        where, rest = line.split(":", 1)
        words = rest.split()
        if len(words) == 3 and words[1] in "dDbBcC":
            source = Path(where).relative_to(folder).as_posix().removesuffix(".o")
            yield f"{source}:1: state: {words[2]} is writable data; state of net/ hangs on struct net"
