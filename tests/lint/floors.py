"""Who may include whom: the floors of the house. An include runs down or beside, never up; nothing runs in a circle.

A file may include its own directory and what its line in FLOORS lists: a directory (`net/ip/`) or a single header. A
floor of net/ may be cut into folders.
The longest prefix of a path that has a line counts; "*" is everything."""
import re

FREESTANDING = {"stdarg.h", "stddef.h", "stdint.h", "stdbool.h", "limits.h", "stdatomic.h", "float.h"}

FLOORS = {
    "lib/": [],
    "kernel/": ["lib/", "drivers/bus.h"],  # bus.h: the contract that kernel/pci.c fulfils
    "host/": ["lib/", "drivers/bus.h", "drivers/virtio/", "drivers/e1000/", "net/dev/", "net/skb/"],  # the fake devices
    "host/main.c": ["*"],
    "host/libweir.c": ["*"],
    "host/test_main.c": ["*"],
    "host/bench_main.c": ["*"],
    "host/weir.h": [],  # public: it stands alone
    "drivers/": ["lib/", "drivers/bus.h", "drivers/driver.h", "net/dev/", "net/skb/", "net/wire/"],
    "drivers/virtio-net/": ["lib/", "drivers/bus.h", "drivers/driver.h", "drivers/virtio/", "net/dev/", "net/skb/",
                            "net/wire/"],
    "net/wire/": ["lib/"],
    "net/bpf/": ["lib/"],
    "net/skb/": ["lib/", "net/wire/"],
    "net/qdisc/": ["lib/", "net/skb/"],
    "net/dev/": ["lib/", "net/qdisc/", "net/bpf/", "net/skb/", "net/wire/"],
    "net/ip/": ["lib/", "net/dev/", "net/skb/", "net/wire/"],
    "net/sock/": ["lib/", "net/ip/", "net/dev/busy.h", "net/dev/tap.h", "net/dev/tx.h", "net/skb/", "net/wire/"],
    "net/udp/": ["lib/", "net/sock/", "net/ip/", "net/skb/", "net/wire/"],
    "net/tcp/": ["lib/", "net/sock/", "net/ip/", "net/skb/", "net/wire/"],
    "net/filter/": ["lib/", "net/dev/", "net/ip/", "net/skb/", "net/wire/", "net/tcp/reset.h", "net/tcp/syncookie.h",
                    "net/tcp/opt.h"],
    "net/link/": ["lib/", "net/dev/", "net/ip/", "net/skb/", "net/wire/", "net/udp/"],
    "net/net.h": ["lib/"],
    "net/net.c": ["lib/", "net/"],
    "apps/": ["lib/", "net/sock/"],
    "boot/": ["*"],
    "tests/": ["*"],
}
HOSTED = ("host/", "tests/")  # may use the C library's headers
# What net/filter/ takes of TCP: without the connection, so these name nothing else of it.
LEAVES = ("net/tcp/reset.h", "net/tcp/syncookie.h", "net/tcp/opt.h")


def floor_of(path):
    return max((p for p in FLOORS if path.startswith(p)), key=len, default=None)


def directory(path):
    return path.rsplit("/", 1)[0] + "/"


def allowed(path, name):
    if name.startswith("kernel/") and path.startswith(("lib/", "net/", "apps/", "drivers/", "host/")):
        return False
    if re.fullmatch(r"(net|apps)/.*cmd_\w+\.c", path):
        return True  # nothing includes a command file, so it may name any public header
    floor = floor_of(path)
    if path in LEAVES and name.startswith("net/tcp/"):
        return name in LEAVES
    if directory(name) == directory(path) or floor.startswith("net/") and floor == floor_of(name):
        return True  # net/filter/ct/ and net/filter/nft/ are one floor; no circle among them is another check
    return any(m == "*" or name.startswith(m) for m in FLOORS[floor])


def check(sources, _options):
    by_path = {s.path: s for s in sources}
    modules, directories = {}, {}
    for s in sources:
        if not s.is_c:
            continue
        for n, name, quoted in s.includes():
            at = f"{s.path}:{n}"
            if not quoted:
                if name not in FREESTANDING and not s.path.startswith(HOSTED):
                    yield f"{at}: floor: <{name}> is the C library's; only host/ and tests/ may use it"
                continue
            if name == "plat_cpu.h":
                continue
            if "/" not in name or name not in by_path:
                yield f'{at}: floor: "{name}" is not a path from the root of the tree'
                continue
            if name.endswith(".c"):
                yield f"{at}: floor: {name} is no header"
            elif floor_of(s.path) is None:
                yield f"{at}: floor: {directory(s.path)} has no line in tests/lint/floors.py"
            elif not allowed(s.path, name):
                yield f"{at}: floor: {directory(s.path)} may not include {name}"
            owner = internal_to(by_path[name])
            if owner and not re.match(re.escape(owner) + r"(/[^/]*|(_\w+)?\.[chS])$", s.path) and \
                    not s.path.startswith("tests/"):
                yield f"{at}: floor: {name} is internal to {owner}"
            if not s.path.startswith("tests/"):
                edge(modules, module(s), module(by_path[name]), at)
                if "/cmd_" not in s.path and FLOORS[floor_of(s.path) or "lib/"] != ["*"] and name != "drivers/bus.h":
                    edge(directories, directory(s.path), directory(name), at)
    yield from circles(modules, "files")
    yield from circles(directories, "directories")


def internal_to(source):
    """A header whose first line is `/* Internal to net/tcp. */` (a directory) or `... lib/file. */` (a file and those that
    are cut from it, lib/file_*.c)."""
    m = re.match(r"/\* Internal to ([\w/-]+)\.", source.lines[0]) if source.lines else None
    return m and m.group(1)


def module(source):
    """A file and its header are one; so is a header internal to a file."""
    owner = internal_to(source)
    return owner if owner and directory(owner) == directory(source.path) else re.sub(r"\.[chS]$", "", source.path)


def edge(graph, a, b, at):
    if a != b:
        graph.setdefault(a, {}).setdefault(b, at)


def circles(graph, what):
    """One finding for each strongly connected part, naming a shortest way around."""
    for part in strong_parts(graph):
        start = min(part)
        way, frontier = {start: None}, [start]
        while frontier:
            a = frontier.pop(0)
            for b in sorted(graph.get(a, {})):
                if b == start:
                    around = [a]
                    while way[around[-1]] is not None:
                        around.append(way[around[-1]])
                    around = around[::-1] + [start]
                    yield f"{graph[around[0]][around[1]]}: circle: {what} {' -> '.join(around)}"
                    frontier = []
                    break
                if b in part and b not in way:
                    way[b] = a
                    frontier.append(b)


def strong_parts(graph):
    """Tarjan, without recursion deeper than Python bears at this size."""
    index, low, on, stack, out = {}, {}, set(), [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        on.add(v)
        for w in graph.get(v, {}):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in on:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            part = set()
            while v not in part:
                part.add(stack.pop())
            on.difference_update(part)
            if len(part) > 1:
                out.append(part)

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return out
