"""The bounds that keep a file readable: lines, functions, includes, macros, conditionals, opening comments, names."""
import re

C_LINES, H_LINES, FUNCTION, FUNCTION_MOST, INCLUDES, MACRO_LINES, MAKEFILE_LINES = 600, 250, 80, 45, 12, 3, 150
MACRO_FILES = {"lib/set.h", "lib/check.h", "lib/list.h"}
NO_NAMES = re.compile(r"(^|/)(utils?|misc|common|helpers?)\.[chS]$")


def check(sources, _options):
    over_most, functions, kernel_ifs, kernel_lines = [], 0, [], 0
    for s in sources:
        n = len(s.lines)
        if s.path == "Makefile" and n > MAKEFILE_LINES:
            yield f"Makefile:{n}: size: {n} lines, at most {MAKEFILE_LINES}"
        if not s.is_c:
            continue
        most = H_LINES if s.path.endswith(".h") else C_LINES
        if n > most:
            yield f"{s.path}:{n}: size: {n} lines, at most {most}"
        if NO_NAMES.search(s.path):
            yield f"{s.path}:1: name: name a file after a noun of its matter"
        yield from opening(s)
        if s.path.endswith(".c") and len(list(s.includes())) > INCLUDES:
            yield f"{s.path}:1: size: {len(list(s.includes()))} includes, at most {INCLUDES}"
        for line, name, length in s.functions():
            if length > FUNCTION:
                yield f"{s.path}:{line}: size: {name} has {length} lines, at most {FUNCTION}"
            if not s.path.startswith("tests/"):
                functions += 1
                if length > FUNCTION_MOST:
                    over_most.append((length, f"{s.path}:{line}: {name}"))
        if s.path not in MACRO_FILES:
            for line, name, length in s.macros():
                if length > MACRO_LINES:
                    yield f"{s.path}:{line}: size: macro {name} has {length} lines, at most {MACRO_LINES}"
        if s.path.startswith("kernel/"):
            kernel_lines += n
            kernel_ifs += [f"{s.path}:{line}: {text}" for line, text in s.conditions()]
        else:
            for line, text in s.conditions():
                yield f"{s.path}:{line}: if: {text}: no conditional compilation outside kernel/, include guards apart"
    if len(kernel_ifs) > max(1, kernel_lines // 1000):
        yield f"{kernel_ifs[-1]}: if: {len(kernel_ifs)} in kernel/ ({kernel_lines} lines), at most 1 per 1000"
    if functions and len(over_most) * 20 > functions:
        worst = max(over_most)
        yield (f"{worst[1]}: size: {len(over_most)} of {functions} functions have more than {FUNCTION_MOST} lines, "
               f"at most 5 %; the longest has {worst[0]}")


def opening(s):
    """Each file says first what it is for."""
    if s.path.endswith(".S") or s.path.startswith("tests/fuzz/corpus"):
        return
    m = re.match(r"/\*.*?\*/", s.text, re.S)
    length = m.group(0).count("\n") + 1 if m else 0
    least = 5 if s.path.endswith(".c") and not s.path.startswith("tests/") and len(s.lines) >= 100 else 1
    if not least <= length <= 40:
        yield f"{s.path}:1: comment: opens with {length} lines of comment, wanted are {least} to 40"
