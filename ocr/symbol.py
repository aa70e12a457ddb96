"""The build of a QR symbol: which modules are fixed, which carry data in what order, and how the data is divided (ISO/IEC 18004).

Only versions 1 to 8, since an invoice's payload needs no more. Grids are indexed [row, column]; +1 is dark, -1 light.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = tuple[NDArray[np.intp], NDArray[np.intp]]


class Level(IntEnum):
    """Error correction, by the two bits that name it in the format."""

    M = 0
    L = 1
    H = 2
    Q = 3


_ALIGNED: Final = {1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42)}

BLOCKS: Final[dict[tuple[int, Level], tuple[tuple[int, ...], int]]] = {
    (version, level): (data, extra)
    for version, of_levels in {
        1: (((16,), 10), ((19,), 7), ((9,), 17), ((13,), 13)),
        2: (((28,), 16), ((34,), 10), ((16,), 28), ((22,), 22)),
        3: (((44,), 26), ((55,), 15), ((13,) * 2, 22), ((17,) * 2, 18)),
        4: (((32,) * 2, 18), ((80,), 20), ((9,) * 4, 16), ((24,) * 2, 26)),
        5: (((43,) * 2, 24), ((108,), 26), ((11,) * 2 + (12,) * 2, 22), ((15,) * 2 + (16,) * 2, 18)),
        6: (((27,) * 4, 16), ((68,) * 2, 18), ((15,) * 4, 28), ((19,) * 4, 24)),
        7: (((31,) * 4, 18), ((78,) * 2, 20), ((13,) * 4 + (14,), 26), ((14,) * 2 + (15,) * 4, 18)),
        8: (((38,) * 2 + (39,) * 2, 22), ((97,) * 2, 24), ((14,) * 4 + (15,) * 2, 26), ((18,) * 4 + (19,) * 2, 22)),
    }.items()
    for level, (data, extra) in zip((Level.M, Level.L, Level.H, Level.Q), of_levels, strict=True)
}
"""Codewords of data in each block, and of correction behind each."""


@cache
def fixed(version: int) -> NDArray[np.float32]:
    """The modules that every symbol of a version shares: +1 dark, -1 light, 0 those that carry something."""
    side = 17 + 4 * version
    grid = np.zeros((side, side), np.float32)
    grid[6, :] = grid[:, 6] = np.where(np.arange(side) % 2, -1, 1)
    for row, column in product(_ALIGNED[version], repeat=2):
        if (row, column) not in {(6, 6), (6, side - 7), (side - 7, 6)}:
            grid[row - 2 : row + 3, column - 2 : column + 3] = _nested(5)
    for row, column in ((0, 0), (0, side - 7), (side - 7, 0)):
        grid[max(0, row - 1) : row + 8, max(0, column - 1) : column + 8] = -1
        grid[row : row + 7, column : column + 7] = _nested(7)
    grid[side - 8, 8] = 1
    return grid


def _nested(side: int) -> NDArray[np.float32]:
    """Squares in squares: a finder (7) or an alignment pattern (5)."""
    away = np.abs(np.arange(side) - side // 2)
    ring = np.maximum(away[:, None], away[None, :])
    return np.where((ring == side // 2 - 1), -1, 1).astype(np.float32)


@cache
def format_places(side: int) -> tuple[Places, Places]:
    """Both copies of the format, the highest of its 15 bits first."""
    last = side - 1
    first = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    second = [(last - place, 8) for place in range(7)] + [(8, last - 7 + place) for place in range(8)]
    return _places(first), _places(second)


@cache
def data_places(version: int) -> Places:
    """Where the bits of the data stand, in their order: up and down in stripes of two, from the right."""
    side = 17 + 4 * version
    taken = fixed(version) != 0
    for rows, columns in format_places(side):
        taken[rows, columns] = True
    if version >= 7:
        taken[:6, side - 11 : side - 8] = taken[side - 11 : side - 8, :6] = True
    order: list[tuple[int, int]] = []
    upward = True
    for right in range(side - 1, 0, -2):
        stripe = right if right > 6 else right - 1
        stretch = range(side - 1, -1, -1) if upward else range(side)
        order += [(row, column) for row in stretch for column in (stripe, stripe - 1) if not taken[row, column]]
        upward = not upward
    return _places(order)


@cache
def order_of_bits(version: int, level: Level) -> NDArray[np.intp]:
    """The places in :func:`data_places` of the data bits, block by block, then of the correction bits likewise."""
    lengths, extra = BLOCKS[version, level]
    data: list[list[int]] = [[] for _ in lengths]
    place = 0
    for row in range(max(lengths)):
        for block, length in enumerate(lengths):
            if row < length:
                data[block].append(place)
                place += 1
    rest = [[place + len(lengths) * row + block for row in range(extra)] for block in range(len(lengths))]
    words = np.array([word for block in (*data, *rest) for word in block], np.intp)
    return np.asarray((8 * words[:, None] + np.arange(8)).reshape(-1), np.intp)


@cache
def masked(version: int, mask: int) -> NDArray[np.float32]:
    """-1 where a mask (0 to 7) turns a bit of :func:`data_places` over, else 1."""
    row, column = data_places(version)
    turns = (
        (row + column) % 2,
        row % 2,
        column % 3,
        (row + column) % 3,
        (row // 2 + column // 3) % 2,
        row * column % 2 + row * column % 3,
        (row * column % 2 + row * column % 3) % 2,
        ((row + column) % 2 + row * column % 3) % 2,
    )[mask]
    return np.where(turns == 0, -1, 1).astype(np.float32)


def _places(pairs: list[tuple[int, int]]) -> Places:
    rows, columns = np.array(pairs, np.intp).T
    return rows, columns


def _format(data: int) -> list[int]:
    """The 15 bits of a format as signs: five of data, ten that guard them, under the standard's mask."""
    rest = data << 10
    for place in range(14, 9, -1):
        if rest >> place & 1:
            rest ^= 0x537 << place - 10
    word = (data << 10 | rest) ^ 0x5412
    return [1 if word >> place & 1 else -1 for place in range(14, -1, -1)]


FORMATS: Final = np.array([_format(data) for data in range(32)], np.float32)
"""All 32 formats, by the level's two bits and the mask's three."""


@cache
def parity(data: int, extra: int) -> NDArray[np.int8]:
    """Which of the `extra` codewords' bits each bit of `data` codewords turns over (8 data x 8 extra, 0 or 1)."""
    generator = [1]
    for power in range(extra):
        generator = [
            a ^ b for a, b in zip([*generator, 0], [0, *(_times(c, _POWERS[power]) for c in generator)], strict=True)
        ]
    table = np.zeros((8 * data, 8 * extra), np.int8)
    # the remainders of single bits, from the last codeword of the data to the first, each the next times x
    remainders = [[_times(1 << 7 - bit, c) for c in generator[1:]] for bit in range(8)]
    for word in range(data - 1, -1, -1):
        for bit, remainder in enumerate(remainders):
            table[8 * word + bit] = np.unpackbits(np.array(remainder, np.uint8))
            lead = remainder[0]
            remainders[bit] = [a ^ _times(lead, c) for a, c in zip([*remainder[1:], 0], generator[1:], strict=True)]
    return table


def _field() -> list[int]:
    """The powers of 2 in the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1, twice round."""
    powers = [1]
    while len(powers) < 510:
        powers.append(powers[-1] << 1 ^ (0x11D if powers[-1] & 128 else 0))
    return powers


_POWERS: Final = _field()
_LOGS: Final = {value: power for power, value in reversed(list(enumerate(_POWERS)))}


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0
