#!/usr/bin/env python3
"""What a frame costs on its way from one network card to the other: Weir and a Linux of the same size, side by side.

    wire.py [--cards virtio-net-pci,e1000] [--cpus 1,2] [--guests weir,linux] [WHAT...]     busy single paced idle tcp

Weir joins its two cards at layer 2, Linux forwards IP; how it is counted, and what is told beside: rig.py. Needs root,
for the namespaces."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import netns  # noqa: E402
from insn import Counter  # noqa: E402
from peer import Peer  # noqa: E402
from rig import RUNS, Rig, Table, Weir, entry_of  # noqa: E402

WHAT = {  # name -> what the table calls it
    "busy": "a frame, 60,000 a second offered", "single": "a frame, one after another",
    "paced": "a frame, 2,000 a second", "idle": "idle for 10 s", "tcp": "a byte of TCP"}
LOADS = {"busy": ["-r", "60000"], "single": ["-w", "1"], "paced": ["-r", "2000", "-w", "1"]}
WANTED = {"busy": "<= 350", "paced": "<= 2,000", "idle": "<= 100,000", ("virtio-net-pci", "tcp"): "<= 0.05"}


def measured(guest, card, cpus, whats, found):
    with tempfile.TemporaryDirectory() as folder, netns.Between() as net:
        net.hush()
        counter = Counter(Path(folder) / "count", entry_of(guest))
        with guest(net, card, cpus, counter.words()) as m:
            m.ready()
            rig = Rig(net, m, counter)
            rig.until_it_forwards()
            found["idle"] = rig.idle()
            rig.frames("-r", "60000", seconds=1)  # what comes first pays for what is made once
            for what in [w for w in whats if w != "idle"]:
                found[what] = rig.tcp() if what == "tcp" else rig.load(LOADS[what], RUNS if what == "busy" else 1)


TABLE = Table("wire", __doc__, WHAT, WANTED, {"weir": Weir, "linux": Peer}, measured)

if __name__ == "__main__":
    sys.exit(TABLE.show())
