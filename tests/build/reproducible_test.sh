#!/bin/sh
# Two clean builds in two folders give the same image, byte for byte; and each of the other ways to build gives one.
# Results as tests/report.py has it.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "ok $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; sed 's/^/    /' "$tmp/log" | tail -20; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }

copy() { # FOLDER: the sources alone
    mkdir -p "$1" && tar -C "$root" --exclude=./build --exclude=./.git --exclude=__pycache__ -cf - . | tar -C "$1" -xf -
}
build() { make -C "$1" -s all "$2" >"$tmp/log" 2>&1; }

copy "$tmp/one"
copy "$tmp/another/with/a/longer/name"
if build "$tmp/one" B=build && build "$tmp/another/with/a/longer/name" B=build; then
    for f in weir.elf weir.stripped; do
        if cmp "$tmp/one/build/$f" "$tmp/another/with/a/longer/name/build/$f" >"$tmp/log" 2>&1; then
            ok "reproducible_$f"
        else
            fail "reproducible_$f" "two clean builds differ"
        fi
    done
else
    fail reproducible "does not build"
fi
if ! command -v clang >/dev/null; then
    skip builds_with_clang "no clang"
elif build "$tmp/one" "CC=clang" && [ -s "$tmp/one/build/weir.elf" ]; then
    ok builds_with_clang
else
    fail builds_with_clang "make CC=clang"
fi
cross=build/toolchain/bin/x86_64-elf-
if [ ! -x "${cross}gcc" ]; then
    skip builds_with_own_toolchain "no build/toolchain (make toolchain)"
elif build "$tmp/one" "CROSS_COMPILE=$root/$cross"; then
    ok builds_with_own_toolchain
else
    fail builds_with_own_toolchain "make CROSS_COMPILE=$cross"
fi
cross=build/toolchain/bin/x86_64-elf-
if [ ! -x "${cross}gcc" ]; then
    skip builds_with_own_toolchain "no build/toolchain (make toolchain)"
elif build "$tree" own/weir.elf CROSS_COMPILE="$root/$cross" B=own; then
    boots builds_with_own_toolchain "$tree/own"
else
    fail builds_with_own_toolchain "make CROSS_COMPILE=$cross"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
