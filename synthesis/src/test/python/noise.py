"""Prints the numbers that NoiseKeyTest pins: python3 noise.py"""
import hashlib
import math
import struct

MASK = (1 << 64) - 1


def stream(texts, numbers):
    sha = hashlib.sha256()
    for text in texts:
        utf8 = text.encode()
        sha.update(struct.pack(">i", len(utf8)) + utf8)
    for number in numbers:
        sha.update(struct.pack(">q", number))
    state = int.from_bytes(sha.digest()[:8], "big")
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        yield x ^ (x >> 31)


def normal(words):
    while True:
        radius = math.sqrt(-2 * math.log(((next(words) >> 11) + 1) * 2.0**-53))
        angle = 2 * math.pi * ((next(words) >> 11) * 2.0**-53)
        yield radius * math.cos(angle)
        yield radius * math.sin(angle)


def uniform(words):
    """Mean 0, variance 1."""
    while True:
        yield math.sqrt(3) * (2 * ((next(words) >> 11) * 2.0**-53) - 1)


def noise(seed, digest, condition, copy, draw, number, count, version="landloom noise 1", law=normal):
    numbers = law(stream([version, digest, condition], [seed, copy, draw, number]))
    floats = [struct.unpack("<f", struct.pack("<f", next(numbers)))[0] for _ in range(count)]
    return ", ".join(f"0x{struct.unpack('<I', struct.pack('<f', f))[0]:08x} ({f!r})" for f in floats)


if __name__ == "__main__":
    print(noise(42, "abc123", "scene-7/3/11", 0, 0, -1, 5))
    print(noise(42, "abc123", "scene-7/3/11", 0, 0, 2, 4))
    print(noise(-1, "", "Straße", 3, 1, 15, 3))
    print(noise(42, "abc123", "scene-7/3/11", 0, 0, 2, 4, "landloom pixel noise 1", uniform))
