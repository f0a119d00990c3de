"""PNG files of every color type, bit depth and interlace, with their pixels as their writer sees them.

usage: python golden/gen/qr_png.py        (packages: golden/requirements-qr.txt)

Writes golden/qr/png.json: files by pypng (no row filters, both interlaces, transparent colors) and by
Pillow (row filters chosen by its encoder).
"""

import io
import json
import pathlib
import random
from importlib.metadata import version

import png
from PIL import Image

MADE = "2026-11-20"
OUT = pathlib.Path(__file__).resolve().parent.parent / "qr" / "png.json"
WIDTH, HEIGHT = 11, 9
PLANES = {"gray": 1, "rgb": 3, "palette": 1, "graya": 2, "rgba": 4}
DEPTHS = {
    "gray": (1, 2, 4, 8, 16),
    "rgb": (8, 16),
    "palette": (1, 2, 4, 8),
    "graya": (8, 16),
    "rgba": (8, 16),
}


def writer(kind, depth, interlaced, keyed, rng):
    options = {"bitdepth": depth, "interlace": interlaced}
    if kind in ("gray", "graya"):
        options["greyscale"] = True
    if kind == "palette":
        options["palette"] = [
            tuple(rng.randrange(256) for _ in range(4 if keyed else 3)) for _ in range(1 << depth)
        ]
    else:
        options["greyscale"] = kind in ("gray", "graya")
        options["alpha"] = kind in ("graya", "rgba")
    return options


def pypng_case(kind, depth, interlaced, keyed):
    name = f"{kind}-{depth}{'-adam7' if interlaced else ''}{'-transparent' if keyed else ''}"
    rng = random.Random(name)
    rows = [
        [rng.randrange(1 << depth) for _ in range(WIDTH * PLANES[kind])] for _ in range(HEIGHT)
    ]
    options = writer(kind, depth, interlaced, keyed, rng)
    if keyed and kind == "gray":
        options["transparent"] = rows[2][3]
    if keyed and kind == "rgb":
        options["transparent"] = tuple(rows[2][9:12])
    file = io.BytesIO()
    png.Writer(WIDTH, HEIGHT, **options).write(file, rows)
    _, _, pixels, info = png.Reader(bytes=file.getvalue()).asRGBA()
    return {
        "id": f"pypng-{name}",
        "in": {"png": file.getvalue().hex()},
        "out": {
            "width": WIDTH,
            "height": HEIGHT,
            "depth": info["bitdepth"],
            "rgba": [list(row) for row in pixels],
        },
    }


def pillow_case(mode, note):
    image = Image.new("RGBA", (40, 24))
    image.putdata(
        [
            ((x * 6) & 255, (y * 10 + x) & 255, (x * y) & 255, 255 - ((x + y) & 63))
            for y in range(24)
            for x in range(40)
        ]
    )
    image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    shown = image.convert("RGBA").tobytes()
    return {
        "id": f"pillow-{mode.lower()}",
        "note": note,
        "in": {"png": file.getvalue().hex()},
        "out": {
            "width": 40,
            "height": 24,
            "depth": 8,
            "rgba": [list(shown[y * 160 : (y + 1) * 160]) for y in range(24)],
        },
    }


def main():
    cases = []
    for kind, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (False, True):
                cases.append(pypng_case(kind, depth, interlaced, False))
        if kind in ("gray", "rgb", "palette"):
            for depth in depths:
                cases.append(pypng_case(kind, depth, False, True))
    for mode in ("L", "RGB", "RGBA", "LA"):
        cases.append(pillow_case(mode, "row filters chosen by the encoder"))
    golden = {
        "format": 1,
        "stack": "qr",
        "topic": "png",
        "source": {
            "program": "pypng and Pillow",
            "version": f"{version('pypng')} and {version('pillow')}",
            "symbol": "png.Writer.write, PIL.Image.Image.save",
        },
        "generator": "golden/gen/qr_png.py",
        "made": MADE,
        "cases": cases,
    }
    OUT.write_text(json.dumps(golden, sort_keys=True, separators=(",", ":")).replace('{"id', '\n{"id') + "\n")
    print(f"{OUT.name}: {len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
