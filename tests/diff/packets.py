"""Packets built by hand: every field can be given, whatever it says."""
import struct

ROUTER = {"eth0": "020000000101", "eth1": "020000000102", "eth2": "020000000103"}
STATION = {"eth0": "020000000002", "eth1": "020000000003", "eth2": "020000000004"}


def csum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip4addr(text):
    return bytes(int(x) for x in text.split("."))


def ip6addr(text):
    left, _, right = text.partition("::")
    words = [w for w in left.split(":") if w], [w for w in right.split(":") if w]
    if "::" not in text:
        return b"".join(int(w, 16).to_bytes(2, "big") for w in words[0])
    zeros = 8 - len(words[0]) - len(words[1])
    return b"".join(int(w, 16).to_bytes(2, "big") for w in [*words[0], *["0"] * zeros, *words[1]])


def addr(text):
    return ip6addr(text) if ":" in text else ip4addr(text)


def eth(card, data, kind=0x0800, to=None, source=None):
    to, source = to or ROUTER[card], source or STATION[card]
    return bytes.fromhex(to) + bytes.fromhex(source) + struct.pack(">H", kind) + data


def pseudo(src, dst, proto, n):
    if len(src) == 4:
        return src + dst + struct.pack(">BBH", 0, proto, n)
    return src + dst + struct.pack(">II", n, proto)


def udp(src, dst, sport=40000, dport=9, data=b"a packet of weir", check=None):
    head = struct.pack(">HHHH", sport, dport, 8 + len(data), 0)
    if check is None:
        check = csum(pseudo(addr(src), addr(dst), 17, 8 + len(data)) + head + data) or 0xffff
    return head[:6] + struct.pack(">H", check) + data


def tcp(src, dst, sport=40000, dport=9, flags=2, data=b"", options=b""):
    head = struct.pack(">HHIIBBHHH", sport, dport, 1000, 0, (20 + len(options)) // 4 << 4, flags, 65535, 0, 0) + options
    check = csum(pseudo(addr(src), addr(dst), 6, len(head) + len(data)) + head + data)
    return head[:16] + struct.pack(">H", check) + head[18:] + data


def icmp(kind, code=0, rest=b"\0\1\0\1", data=b"a packet of weir", check=None):
    body = struct.pack(">BBH", kind, code, 0) + rest + data
    return body[:2] + struct.pack(">H", csum(body) if check is None else check) + body[4:]


def icmp6(src, dst, kind, code=0, rest=b"\0\1\0\1", data=b"a packet of weir", check=None):
    body = struct.pack(">BBH", kind, code, 0) + rest + data
    if check is None:
        check = csum(pseudo(addr(src), addr(dst), 58, len(body)) + body)
    return body[:2] + struct.pack(">H", check) + body[4:]


def ip4(src, dst, proto, data, **f):
    """version, ihl, tos, len, id, frag, ttl, check, options."""
    options = f.get("options", b"")
    options += b"\0" * (-len(options) % 4)
    ihl = f.get("ihl", 5 + len(options) // 4)
    head = struct.pack(">BBHHHBBH", f.get("version", 4) << 4 | ihl, f.get("tos", 0),
                       f.get("len", 20 + len(options) + len(data)), f.get("id", 0x1234), f.get("frag", 0),
                       f.get("ttl", 64), proto, 0) + addr(src) + addr(dst) + options
    check = f.get("check", csum(head[:max(ihl, 5) * 4]))
    return head[:10] + struct.pack(">H", check) + head[12:] + data


def ip6(src, dst, proto, data, **f):
    """version, tc, flow, len, hops."""
    word = f.get("version", 6) << 28 | f.get("tc", 0) << 20 | f.get("flow", 0)
    return struct.pack(">IHBB", word, f.get("len", len(data)), proto, f.get("hops", 64)) + addr(src) + addr(dst) + data


def ext(following, body):
    """An extension header of hop-by-hop, routing or destination kind; body is padded by PadN."""
    n = -(2 + len(body)) % 8
    pad = b"" if not n else b"\0" if n == 1 else bytes((1, n - 2)) + b"\0" * (n - 2)
    return bytes((following, (2 + len(body) + n) // 8 - 1)) + body + pad


def frag6(following, at, more, ident):
    return struct.pack(">BBHI", following, 0, at | more, ident)


def arp(card, op, sha, spa, tha, tpa, **f):
    head = struct.pack(">HHBBH", f.get("hw", 1), f.get("proto", 0x0800), f.get("hlen", 6), f.get("plen", 4), op)
    body = head + bytes.fromhex(sha) + addr(spa) + bytes.fromhex(tha) + addr(tpa)
    return eth(card, body[:f.get("cut", 28)] + f.get("tail", b""), 0x0806, f.get("to", "ffffffffffff"),
               f.get("source", sha))


# ---- what is not compared ----

ICMP4_TIMES = {13, 14}


def normal4(p, own):
    """An IPv4 packet without what may differ by nature: of own ones the id, and times that a router or host writes."""
    hlen = (p[0] & 15) * 4
    right = csum(p[:hlen]) == 0
    p = bytearray(p)
    if own:
        p[4:6] = b"\0\0"
    at = 20
    while at < hlen and p[at] != 0:  # timestamp options: every slot of a time, back from where the pointer is
        n = 1 if p[at] == 1 else max(p[at + 1] if at + 1 < hlen else 1, 1)
        if p[at] == 68 and n >= 8:
            step = 4 if p[at + 3] & 15 == 0 else 8
            for slot in range(at + min(p[at + 2], n + 1) - 5, at + 3, -step):
                p[slot:slot + 4] = b"time"
        at += n
    if own and p[9] == 1 and len(p) > hlen + 48 and p[hlen] in (3, 11, 12) and p[hlen + 8] > 0x45:
        p[hlen + 2:hlen + 4] = b"ok" if csum(bytes(p[hlen:])) == 0 else b"no"
        end = min(hlen + 8 + (p[hlen + 8] & 15) * 4, len(p))
        p[hlen + 28:end] = b"q" * (end - hlen - 28)  # Linux quotes options as it has worked on them so far
    if own and p[9] == 1 and len(p) >= hlen + 20 and p[hlen] == 14 and csum(bytes(p[hlen:])) == 0:
        p[hlen + 2:hlen + 4] = b"ok"
        p[hlen + 12:hlen + 20] = b"timetime"
    p[10:12] = b"ok" if right else b"no"
    return bytes(p)


def normal6(p, own):
    if own and p[6] == 44:
        p = p[:44] + b"\0\0\0\0" + p[48:]
    return p


def normal(frame, own):
    kind = frame[12:14]
    if kind == b"\x08\x00" and len(frame) >= 34:
        return frame[:14] + normal4(frame[14:], frame[26:30] in own)
    if kind == b"\x86\xdd" and len(frame) >= 54:
        return frame[:14] + normal6(frame[14:], frame[22:38] in own)
    return frame


def is_membership(frame):
    """IGMP and MLD reports: sent by timers, and tested by themselves."""
    return frame[12:14] == b"\x86\xdd" and frame[38:54] == addr("ff02::16") or \
        frame[12:14] == b"\x08\x00" and frame[30:34] == addr("224.0.0.22")


def told(card, frame):
    """A frame in a word: what DIFFERENCES.md speaks of."""
    kind = frame[12:14]
    if kind == b"\x08\x06":
        return f"{card} arp {int.from_bytes(frame[20:22], 'big')}"
    if kind == b"\x08\x00":
        p = frame[14:]
        hlen = (p[0] & 15) * 4
        if p[9] == 1 and not int.from_bytes(p[6:8], "big") & 0x1fff:
            return f"{card} icmp {p[hlen]}/{p[hlen + 1]}"
        return f"{card} ip4 {p[9]}"
    if kind == b"\x86\xdd":
        p = frame[14:]
        return f"{card} icmp6 {p[40]}/{p[41]}" if p[6] == 58 else f"{card} ip6 {p[6]}"
    return f"{card} {kind.hex()}"
