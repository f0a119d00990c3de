"""Vectors of QR codes drawn by the Python package that LXMF's `LXMessage.as_qr` calls.

usage: python golden/gen/qr.py            (packages: golden/requirements-qr.txt)

Writes golden/qr/codes.json: module matrices of URIs at error correction L with the border of one
module that `as_qr` asks for, the PNG files that both image back ends make of some of them, and the
capacity of every version and level as the package's own tables give it.
"""

import base64
import hashlib
import io
import json
import pathlib
from importlib.metadata import version

import qrcode
from qrcode import base as tables
from qrcode import util
from qrcode.image.pil import PilImage
from qrcode.image.pure import PyPNGImage

MADE = "2026-11-20"
OUT = pathlib.Path(__file__).resolve().parent.parent / "qr" / "codes.json"
LEVELS = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}


def noise(label, size):
    """The same bytes on every run, without structure a QR mode could exploit."""
    out = b""
    counter = 0
    while len(out) < size:
        out += hashlib.sha256(f"{label}/{counter}".encode()).digest()
        counter += 1
    return out[:size]


def paper_uri(size):
    return "lxm://" + base64.urlsafe_b64encode(noise("paper", size)).decode().rstrip("=")


def contact_uri():
    return f"lxma://{noise('destination', 16).hex()}:{noise('public key', 64).hex()}"


def draw(text, level="L", factory=None):
    code = qrcode.QRCode(error_correction=LEVELS[level], border=1, image_factory=factory)
    code.add_data(text)
    code.make(fit=True)
    return code


def hex_row(row):
    """One row, left to right, packed most significant bit first and padded with zeros."""
    bits = "".join("1" if cell else "0" for cell in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)).hex()


def matrix_case(name, note, text, level="L"):
    code = draw(text, level)
    rows = code.get_matrix()
    return {
        "id": name,
        "note": note,
        "in": {"text": text, "level": level, "border": 1},
        "out": {
            "version": code.version,
            "size": code.modules_count,
            "rows": [hex_row(row) for row in rows],
        },
    }


def png_case(name, note, text, factory):
    image = draw(text, factory=factory).make_image(image_factory=factory)
    file = io.BytesIO()
    image.save(file)
    return {
        "id": name,
        "note": note,
        "in": {"text": text, "level": "L", "border": 1, "boxSize": 10},
        "out": {"png": file.getvalue().hex()},
    }


def capacity_case():
    """Bytes that fit each version: the bit limits less the mode mark and the length field."""
    table = {}
    for name, level in LEVELS.items():
        table[name] = [
            (util.BIT_LIMIT_TABLE[level][v] - 4 - util.length_in_bits(util.MODE_8BIT_BYTE, v)) // 8
            for v in range(1, 41)
        ]
    codewords = {
        name: [sum(block.data_count for block in tables.rs_blocks(v, level)) for v in range(1, 41)]
        for name, level in LEVELS.items()
    }
    return {
        "id": "capacity",
        "note": "bytes and data codewords per version 1..40",
        "in": {"mode": "byte"},
        "out": {"bytes": table, "dataCodewords": codewords},
    }


def refusal_case():
    text = paper_uri(2210) + "A"
    try:
        draw(text)
    except (ValueError, qrcode.exceptions.DataOverflowError):
        return {
            "id": "neg-one-byte-over",
            "note": f"{len(text)} bytes do not fit version 40-L",
            "in": {"text": text, "level": "L", "border": 1},
            "error": "QR_TOO_LARGE",
        }
    raise SystemExit("the reference accepted 2954 bytes")


def main():
    cases = [
        matrix_case(f"paper-{size:04}", f"lxm:// URI of {size} paper bytes", paper_uri(size))
        for size in (1, 13, 111, 192, 385, 639, 1294, 2209, 2210)
    ]
    cases.append(matrix_case("contact", "lxma:// contact card", contact_uri()))
    for level in "MQH":
        cases.append(
            matrix_case(f"paper-0192-{level}", f"level {level}", paper_uri(192), level)
        )
    cases += [
        png_case("png-pil-0192", "PNG by Pillow, one bit a pixel", paper_uri(192), PilImage),
        png_case("png-pypng-0192", "PNG by pypng, one bit a pixel", paper_uri(192), PyPNGImage),
        png_case("png-pil-2210", "largest PNG by Pillow", paper_uri(2210), PilImage),
        capacity_case(),
        refusal_case(),
    ]
    golden = {
        "format": 1,
        "stack": "qr",
        "topic": "codes",
        "source": {
            "program": "qrcode",
            "version": version("qrcode"),
            "symbol": "qrcode.main:QRCode.make, as called by LXMF/LXMessage.py:as_qr",
        },
        "generator": "golden/gen/qr.py",
        "made": MADE,
        "cases": cases,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
    print(f"{OUT.name}: {len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
