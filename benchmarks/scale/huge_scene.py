"""Makes a huge scene of a small one by repeating its stored tiles; nothing is decoded.

    python3 huge_scene.py SCENE.tif HUGE.tif WIDTH HEIGHT

SCENE.tif is what `simulate` writes with simulate.layout=tiled: little endian, one image, bands
interleaved. HUGE.tif is a BigTIFF with the same tiles, compression and palette, and no CRS. Run it
once for the image and once for the label: both repeat in the same way.
"""

import struct
import sys

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 12: 8, 16: 8}
CODES = {3: "H", 4: "I", 16: "Q"}
WIDTH, HEIGHT = 256, 257
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS = 322, 323, 324, 325
COPIED = (258, 259, 262, 277, 284, 317, 320, TILE_WIDTH, TILE_HEIGHT, 338)


def entries(file):
    mark, version = struct.unpack("<2sH", file.read(4))
    assert mark == b"II" and version in (42, 43), "not a little-endian TIFF"
    big = version == 43
    if big:
        file.read(4)
    (start,) = struct.unpack("<Q" if big else "<I", file.read(8 if big else 4))
    file.seek(start)
    (count,) = struct.unpack("<Q" if big else "<H", file.read(8 if big else 2))
    found = {}
    for record in [file.read(20 if big else 12) for _ in range(count)]:
        tag, kind, number = struct.unpack("<HHQ" if big else "<HHI", record[: 12 if big else 8])
        value = record[12:] if big else record[8:]
        size = SIZES[kind] * number
        if size > len(value):
            file.seek(struct.unpack("<Q" if big else "<I", value)[0])
            value = file.read(size)
        found[tag] = (kind, number, value[:size])
    return found


def numbers(entry):
    kind, number, value = entry
    return struct.unpack("<%d%s" % (number, CODES[kind]), value)


def main(source, target, width, height):
    with open(source, "rb") as small, open(target, "wb") as huge:
        tags = entries(small)
        side, rows = numbers(tags[TILE_WIDTH])[0], numbers(tags[TILE_HEIGHT])[0]
        tiles_across = -(-numbers(tags[WIDTH])[0] // side)
        # only tiles that are full of pixels are repeated
        full = numbers(tags[WIDTH])[0] // side, numbers(tags[HEIGHT])[0] // rows
        offsets, counts = numbers(tags[TILE_OFFSETS]), numbers(tags[TILE_COUNTS])
        huge.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0))
        at, new_offsets, new_counts = 16, [], []
        for row in range(-(-height // rows)):
            for column in range(-(-width // side)):
                tile = row % full[1] * tiles_across + column % full[0]
                small.seek(offsets[tile])
                huge.write(small.read(counts[tile]))
                new_offsets.append(at)
                new_counts.append(counts[tile])
                at += counts[tile]
        written = {tag: tags[tag] for tag in COPIED if tag in tags}
        written[WIDTH] = (4, 1, struct.pack("<I", width))
        written[HEIGHT] = (4, 1, struct.pack("<I", height))
        for tag, values in ((TILE_OFFSETS, new_offsets), (TILE_COUNTS, new_counts)):
            written[tag] = (16, len(values), struct.pack("<%dQ" % len(values), *values))
        directory, extra = [struct.pack("<Q", len(written))], b""
        behind = at + 8 + 20 * len(written) + 8
        for tag in sorted(written):
            kind, number, value = written[tag]
            if len(value) > 8:
                place, extra = struct.pack("<Q", behind + len(extra)), extra + value
            else:
                place = value.ljust(8, b"\0")
            directory.append(struct.pack("<HHQ", tag, kind, number) + place)
        huge.write(b"".join(directory) + struct.pack("<Q", 0) + extra)
        huge.seek(8)
        huge.write(struct.pack("<Q", at))
    print("%s: %d x %d, %d bytes" % (target, width, height, at))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
