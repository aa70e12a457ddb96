"""The smallest HEIC photo: one HEVC block of 16 × 16 pixels stored as plain samples, in a HEIF container.

The wheel that the product uses only decodes, so the tests write their own (ITU-T H.265 §7.3, ISO/IEC 23008-12).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

SIDE = 16


class _Bits:
    def __init__(self) -> None:
        self.text = ""

    def u(self, width: int, value: int) -> _Bits:
        self.text += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> _Bits:
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def aligned(self) -> bytes:
        """Filled with zeros to a whole byte."""
        text = self.text + "0" * (-len(self.text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def stopped(self) -> bytes:
        """With the stop bit of a parameter set."""
        self.text += "1"
        return self.aligned()


def _profile(bits: _Bits) -> None:
    bits.u(8, 1).u(32, 0x60000000).u(4, 0b1001).u(44, 0).u(8, 30)


def _parameter_sets() -> tuple[bytes, bytes, bytes]:
    video = _Bits().u(4, 0).u(2, 3).u(6, 0).u(3, 0).u(1, 1).u(16, 0xFFFF)
    _profile(video)
    video.u(1, 1).ue(0, 0, 0).u(6, 0).ue(0).u(2, 0)
    sequence = _Bits().u(4, 0).u(3, 0).u(1, 1)
    _profile(sequence)
    sequence.ue(0, 1, SIDE, SIDE).u(1, 0).ue(0, 0, 0).u(1, 1).ue(0, 0, 0)
    sequence.ue(0, 1, 0, 2, 0, 0)  # blocks of 8 to 16, transforms of 4 to 16
    sequence.u(3, 0).u(1, 1).u(4, 7).u(4, 7).ue(0, 1).u(1, 1)  # plain samples of 8 bits in blocks of 8 to 16
    sequence.ue(0).u(5, 0)
    picture = _Bits().ue(0, 0).u(7, 0).ue(0, 0, 0).u(3, 0).ue(0, 0).u(7, 0)
    picture.u(3, 0b101).u(2, 0).ue(0).u(2, 0)  # no deblocking
    return _unit(32, video.stopped()), _unit(33, sequence.stopped()), _unit(34, picture.stopped())


def _unit(kind: int, payload: bytes) -> bytes:
    out = bytearray([kind << 1, 1])
    for byte in payload:
        if byte <= 3 and out[-2:] == b"\0\0" and len(out) > 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def _flushed(low: int) -> _Bits:
    """The bits of the arithmetic coder when a terminating bin ends it at `low` (H.265 §9.3.5.6)."""
    bits = _Bits()
    width, waiting, first = 2, 0, True

    def put(bit: int) -> None:
        nonlocal waiting, first
        bits.text += ("" if first else str(bit)) + str(1 - bit) * waiting
        waiting, first = 0, False

    while width < 256:
        if low < 256:
            put(0)
        elif low >= 512:
            low -= 512
            put(1)
        else:
            low -= 256
            waiting += 1
        width, low = width * 2, low * 2
    put((low >> 9) & 1)
    return bits.u(2, ((low >> 7) & 3) | 1)


def _slice(luma: Iterable[int]) -> bytes:
    header = _Bits().u(1, 1).u(1, 0).ue(0, 2, 0).u(1, 1).aligned()
    # no split: the range falls from 510 to 270; plain samples: 268 is added to the low end
    begin = _flushed(268).aligned()
    samples = bytes(luma) + bytes([128]) * (2 * SIDE * SIDE // 4)
    end = _flushed(508).aligned()
    return _unit(19, header + begin + samples + end)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def heic(luma: Iterable[int], quarters: int = 0) -> bytes:
    """A photo of 256 grey values, row by row, to be shown turned by `quarters` anticlockwise."""
    sets = _parameter_sets()
    coded = _slice(luma)
    arrays = b"".join(bytes([0x80 | (unit[0] >> 1), 0, 1]) + struct.pack(">H", len(unit)) + unit for unit in sets)
    config = bytes([1, 1]) + struct.pack(">I", 0x60000000) + b"\x90\0\0\0\0\0" + bytes([30, 0xF0, 0, 0xFC, 0xFD])
    config += bytes([0xF8, 0xF8, 0, 0, 0x0F, len(sets)]) + arrays
    shown = _full(b"ispe", 0, struct.pack(">II", SIDE, SIDE))
    properties = _box(b"ipco", shown, _box(b"hvcC", config), _box(b"irot", bytes([quarters])))
    uses = _full(b"ipma", 0, struct.pack(">IHB", 1, 1, 3), bytes([1, 0x82, 0x83]))
    item = _full(b"infe", 2, struct.pack(">HH", 1, 0), b"hvc1", b"\0")
    content = struct.pack(">I", len(coded)) + coded
    head = _box(b"ftyp", b"heic", b"\0\0\0\0", b"mif1heic")

    def meta(place: int) -> bytes:
        return _full(
            b"meta",
            0,
            _full(b"hdlr", 0, b"\0\0\0\0pict", b"\0" * 13),
            _full(b"pitm", 0, struct.pack(">H", 1)),
            _full(b"iloc", 0, b"\x44\0", struct.pack(">HHHHII", 1, 1, 0, 1, place, len(content))),
            _full(b"iinf", 0, struct.pack(">H", 1), item),
            _box(b"iprp", properties, uses),
        )

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", content)
