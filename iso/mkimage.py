#!/usr/bin/env python3
"""mkimage.py ELF OUT [CONF] - a disk image that boots under BIOS and UEFI, with a place for the configuration.

    sector 0        protective MBR with GRUB's boot.img: the BIOS starts here
    1..33           GUID partition table
    partition 1     BIOS boot, 1 MiB: GRUB's core image
    partition 2     FAT, EFI system partition "WEIR": /EFI/BOOT/BOOTX64.EFI, /boot/weir.elf, /weir.conf
    last 33         the table's copy

The second partition opens on any machine: what is written to /weir.conf there is the configuration from the next boot.
The same input gives the same bytes. Needs grub-mkimage with both platforms, and mtools."""
import os
import struct
import subprocess
import sys
import tempfile
import uuid
import zlib
from pathlib import Path

os.environ["TZ"] = "UTC"  # mcopy writes local times
SECTOR = 512
FIRST = 2048  # partitions are aligned to 1 MiB
BIOS_SECTORS = 2048
FAT_SECTORS = 32 * 2048
BIOS_BOOT = uuid.UUID("21686148-6449-6e6f-744e-656564454649")
EFI_SYSTEM = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
OURS = uuid.UUID("77656972-0000-4000-8000-000000000000")  # "weir"; the last digits number disk and partitions
MODULES = "part_gpt fat normal multiboot2 serial terminal test echo all_video gfxterm search reboot halt".split()
GRUB = "/usr/lib/grub"
HERE = Path(__file__).resolve().parent


def own(n):
    return uuid.UUID(int=OURS.int + n)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def grub_image(folder, platform, prefix, modules):
    out = folder / platform
    run("grub-mkimage", "-O", platform, "-p", prefix, "-o", str(out), *modules)
    return out.read_bytes()


def entry(kind, n, first, sectors, name):
    return struct.pack("<16s16sQQQ72s", kind.bytes_le, own(n).bytes_le, first, first + sectors - 1, 0,
                       name.encode("utf-16-le"))


def table(here, there, entries_at, total, entries):
    """One header of the partition table, with its checksums."""
    def pack(check):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, check, 0, here, there, 34, total - 34,
                           own(0).bytes_le, entries_at, 128, 128, zlib.crc32(entries))
    return pack(zlib.crc32(pack(0))).ljust(SECTOR, b"\0")


def boot_sector(total):
    """GRUB's first 440 bytes, told where its core image lies; and one partition that keeps others away."""
    code = bytearray(Path(GRUB, "i386-pc", "boot.img").read_bytes()[:440])
    struct.pack_into("<Q", code, 0x5c, FIRST)  # the sector of the core image
    code[0x66:0x68] = b"\x90\x90"  # as grub-install does: trust the drive number that the BIOS gives
    protective = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xee, b"\xff\xff\xff", 1, total - 1)
    return bytes(code) + b"\0" * 6 + protective + b"\0" * 48 + b"\x55\xaa"


def core_image(folder):
    core = bytearray(grub_image(folder, "i386-pc", "(,gpt2)/boot/grub", ["biosdisk", *MODULES]))
    if len(core) > BIOS_SECTORS * SECTOR:
        raise SystemExit(f"mkimage: GRUB's core image has {len(core)} bytes, the partition {BIOS_SECTORS * SECTOR}")
    # The first sector loads the others: where from, how many, to which segment.
    struct.pack_into("<QHH", core, SECTOR - 12, FIRST + 1, (len(core) - 1) // SECTOR, 0x820)
    return bytes(core)


def fat(folder, elf, conf):
    image, tree = folder / "fat", folder / "tree"
    for name, data in [("EFI/BOOT/BOOTX64.EFI", grub_image(folder, "x86_64-efi", "/boot/grub", MODULES)),
                       ("boot/grub/grub.cfg", (HERE / "grub.cfg").read_bytes()),
                       ("boot/weir.elf", Path(elf).read_bytes()),
                       ("weir.conf", Path(conf).read_bytes() if conf else
                        b"# Weir's configuration: the commands that it runs when it starts.\n")]:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)
    for p in tree.rglob("*"):
        os.utime(p, (1577836800, 1577836800))
    image.write_bytes(b"\0" * (FAT_SECTORS * SECTOR))
    run("mformat", "-i", str(image), "-T", str(FAT_SECTORS), "-h", "16", "-s", "63", "-v", "WEIR", "-N", "57454952", "-H", str(FIRST + BIOS_SECTORS), "::")
    run("mcopy", "-i", str(image), "-s", "-m", "-Q", *map(str, sorted(tree.iterdir())), "::")
    data = bytearray(image.read_bytes())
    reserved, fats, fat_sectors = struct.unpack_from("<HB", data, 14)[0], data[16], struct.unpack_from("<H", data, 22)[0]
    label = (reserved + fats * fat_sectors) * SECTOR  # the first entry of the root directory, with the time of today
    data[label + 13:label + 26] = bytes(13)
    return bytes(data)


def main(elf, out, conf=None):
    fat_at = FIRST + BIOS_SECTORS
    total = fat_at + FAT_SECTORS + FIRST
    entries = (entry(BIOS_BOOT, 1, FIRST, BIOS_SECTORS, "GRUB") +
               entry(EFI_SYSTEM, 2, fat_at, FAT_SECTORS, "WEIR")).ljust(128 * 128, b"\0")
    with tempfile.TemporaryDirectory() as folder:
        pieces = {0: boot_sector(total), 1: table(1, total - 1, 2, total, entries), 2: entries,
                  FIRST: core_image(Path(folder)), fat_at: fat(Path(folder), elf, conf),
                  total - 33: entries, total - 1: table(total - 1, 1, total - 33, total, entries)}
    with open(out + ".part", "wb") as f:
        f.truncate(total * SECTOR)
        for sector, data in pieces.items():
            f.seek(sector * SECTOR)
            f.write(data)
    os.rename(out + ".part", out)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
