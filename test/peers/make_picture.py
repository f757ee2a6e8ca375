#!/usr/bin/env python3
"""Make picture.png, the picture that the tests send: a colourful gradient with rings and noise.

    make_picture.py [OUTPUT]

Deterministic: the pixels come from integer arithmetic and a generator of our own. The file
is the same byte for byte wherever the same zlib compresses it; the pixels always are.
"""

import os
import struct
import sys
import zlib

WIDTH, HEIGHT = 208, 132
NOISE = 16  # values of noise per colour; decides how well the picture compresses


def noise(seed=20240229):
    """Yield numbers from 0 to NOISE - 1 (a linear congruential generator)."""
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield (state >> 16) % NOISE


def pixel(x, y):
    """Return the red, green and blue of a place, each from 0 to 255 - NOISE."""
    top = 255 - NOISE
    red = x * top // (WIDTH - 1)
    green = y * top // (HEIGHT - 1)
    blue = top - (red + green) // 2
    distance = (x - WIDTH // 2) ** 2 + (y - HEIGHT // 2) ** 2
    if distance // 900 % 2:  # rings: the colours change places
        red, green, blue = green, blue, red
    return red, green, blue


def scanlines():
    """Return the raw picture: per row a filter byte (1, the difference to the left) and pixels."""
    source = noise()
    raw = bytearray()
    for y in range(HEIGHT):
        raw.append(1)
        left = (0, 0, 0)
        for x in range(WIDTH):
            now = [value + next(source) for value in pixel(x, y)]
            raw.extend((value - before) % 256 for value, before in zip(now, left))
            left = now
    return bytes(raw)


def chunk(kind, body):
    """Return a PNG chunk: length, kind, body, checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png():
    """Return the whole file."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)  # 8 bits, RGB
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(scanlines(), 9))
        + chunk(b"IEND", b"")
    )


def main():
    """Write the picture next to this program, or where the command line says."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "picture.png")
    path = sys.argv[1] if len(sys.argv) > 1 else beside
    data = png()
    with open(path, "wb") as file:
        file.write(data)
    print(f"{len(data)} bytes")


if __name__ == "__main__":
    main()
