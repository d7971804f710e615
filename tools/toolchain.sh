#!/bin/sh
# toolchain.sh FOLDER - builds x86_64-elf binutils and gcc (C alone) into FOLDER, from Debian's source packages.
#
# For whoever wants a compiler that knows of no operating system, or has none for x86-64. Weir itself needs none:
# Debian's gcc will do. Takes some twenty minutes of processor time and 2 GB under FOLDER.work, which is removed.
set -eu
out=$1
jobs=${JOBS:-$(nproc)}
target=x86_64-elf
packages="binutils-source gcc-12-source gcc g++ make libgmp-dev libmpfr-dev libmpc-dev zlib1g-dev bison flex xz-utils"

"$(dirname "$0")/deps.sh" - <<EOP
$packages
EOP
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$out.work
rm -rf "$work"
mkdir -p "$work/binutils" "$work/gcc"
step() { echo "toolchain: $1"; }
quiet() { "$@" >>"$work/log" 2>&1 || { tail -30 "$work/log" >&2; echo "toolchain: failed: $*" >&2; exit 1; }; }

step "unpacking"
tar -C "$work" -xf /usr/src/binutils/binutils-*.tar.xz
tar -C "$work" -xf /usr/src/gcc-12/gcc-12.*.tar.xz
binutils=$(find "$work" -maxdepth 1 -type d -name 'binutils-*')
gcc=$(find "$work" -maxdepth 1 -type d -name 'gcc-12*')

# Not optimised much and without debug information: it compiles one small tree, and building it is what takes long.
export CFLAGS="-O1 -g0" CXXFLAGS="-O1 -g0"

step "binutils ($(basename "$binutils"))"
cd "$work/binutils"
quiet "$binutils/configure" --target=$target --prefix="$out" --disable-nls --disable-werror --disable-gdb \
    --disable-gdbserver --disable-gprofng --disable-gprof --disable-gold --disable-sim --disable-libctf --disable-readline \
    --disable-multilib --enable-deterministic-archives MAKEINFO=true
quiet make -j"$jobs" MAKEINFO=true all-gas all-ld all-binutils
quiet make MAKEINFO=true install-gas install-ld install-binutils

# The compiler alone: Weir is linked with no library, libgcc neither.
step "gcc ($(basename "$gcc"))"
cd "$work/gcc"
PATH=$out/bin:$PATH
export PATH
quiet "$gcc/configure" --target=$target --prefix="$out" --enable-languages=c --without-headers --disable-nls \
    --disable-bootstrap --disable-multilib --disable-shared --disable-threads --disable-libssp --disable-libquadmath \
    --disable-libgomp --disable-libatomic --disable-libstdcxx --disable-libcc1 --disable-lto --disable-plugin \
    --disable-gcov --disable-libsanitizer --enable-checking=release --without-isl --without-zstd --with-system-zlib \
    MAKEINFO=missing
quiet make -j"$jobs" MAKEINFO=missing all-gcc
touch gcc/s-tm-texi # the manual's sources, which Debian leaves out
quiet make MAKEINFO=missing install-gcc
rm -rf "$work"
"$out/bin/$target-gcc" --version | head -1
step "done. Use it by: make CROSS_COMPILE=$out/bin/$target-"
