"""Is what a side sent sound? tshark reads all of it: no malformed packet, no wrong checksum, nothing that it calls an
error.

    s = Sound()
    s.case("ip4/ttl 1"); s.came(frame); s.sent("eth0", frame)      ...
    for told in s.wrong(): ...                                     a case, and what tshark says of a frame of it

What is forwarded or quoted is as it came: a case with a frame in that is not sound is not judged. Each frame has a time
of its own, and nothing is joined, so that one case means nothing to the next."""
import shutil
import struct
import subprocess
import tempfile

ERROR = 8388608  # an expert's severity
WRONG = ["_ws.malformed", *(f"{p}.checksum.status == 0" for p in ("ip", "icmp", "icmpv6", "igmp"))]
# What an error quotes ends where it is full; tshark takes the sum of that much all the same.
UNQUOTED = [f"_ws.expert.severity == {ERROR}", "tcp.checksum.status == 0", "udp.checksum.status == 0"]
FILTER = f"{' or '.join(WRONG)} or (({' or '.join(UNQUOTED)}) and not icmp and not icmpv6.type < 128)"
OPTIONS = ["ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE", "ip.defragment:FALSE",
           "ipv6.defragment:FALSE"]


def missing():
    return None if shutil.which("tshark") else "needs tshark"


def read(path):
    """number of a frame, from 0 -> what is wrong with it"""
    words = ["tshark", "-n", "-r", path, "-Y", FILTER, "-T", "fields", "-e", "frame.number", "-e", "_ws.col.Info", "-e",
             "_ws.expert.message"]
    for o in OPTIONS:
        words += ["-o", o]
    r = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    if r.returncode:
        raise OSError(r.stderr.strip())
    rows = [line.split("\t", 1) for line in r.stdout.splitlines()]
    return {int(number) - 1: text for number, text in rows}


class Sound:
    def __init__(self):
        self.frames, self.name = [], ""  # (case, card or None where it came in, frame)

    def case(self, name):
        self.name = name

    def came(self, frame):
        self.frames.append((self.name, None, frame))

    def sent(self, card, frame):
        self.frames.append((self.name, card, frame))

    def wrong(self):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for n, (_, _, frame) in enumerate(self.frames):
                f.write(struct.pack("<IIII", n * 10, 0, len(frame), len(frame)) + frame)
            f.flush()
            found = read(f.name)
        broken = {self.frames[n][0] for n in found if not self.frames[n][1]}
        return [f"{case}: {card}: {found[n]}\n    {frame.hex()}" for n, (case, card, frame) in enumerate(self.frames)
                if n in found and card and case not in broken]
