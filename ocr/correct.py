"""From a grid of unsure modules to the text of an invoice: format, mask, form of payload, and error correction (ISO/IEC 18004).

A module is a number: its sign says dark (positive) or light, its size how sure that is; a lost one is 0. What the payload
of an invoice looks like is known beforehand (domain.md §2.1): the high halves of its digits, its commas, the filling
behind its end. With these bits given, the Reed-Solomon code of a block leaves about 90 bits open and has 144 to tell
them by. They are found by ordered statistics: the surest independent bits are believed, all others follow from them, and
up to two of the believed ones are turned over. A result counts only when grammar and CRC fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import reedsolo

from ocr.rules import payload
from ocr.symbol import BLOCKS, FORMATS, Level, data_places, fixed, format_places, masked, order_of_bits, parity
from ocr.types import CrcState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Soft = NDArray[np.float32]
    Bits = NDArray[np.int8]

reedsolo.init_tables(0x11D)
VERSIONS: Final = range(3, 9)
"""Of symbols that hold a payload of 43 to 80 bytes."""
LIKENESS: Final = 0.3  # of the known bits with the modules; below it the grid shows no invoice
_FORMS: Final = 3  # forms of payload that are tried, the likeliest first
_PICKED: Final = 6  # results of a block that are kept, the likeliest first
_NEAR: Final = 1.3  # modules: how far a known module speaks for its neighbours
_ROUNDS: Final = 4
_TRIED: Final = 64  # combinations of them that are looked at


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a grid: its format, the forms of payload that fit it best, and how well the best does."""

    likeness: float
    version: int
    level: Level
    mask: int
    forms: list[Soft]


def text_of(grid: Soft) -> str | None:
    """The payload that a square grid of modules (n x n, positive = dark) holds; None unless grammar and CRC fit."""
    for reading in _readings(grid):
        if reading.likeness < LIKENESS:
            continue
        for form in reading.forms:
            text = _decoded(grid, reading, form)
            if text is not None:
                return text
    return None


def likeness(grid: Soft) -> float:
    """How well the best form of payload fits a grid, from about 0.2 (chance) to 1; 0 for a version of no invoice."""
    return max((reading.likeness for reading in _readings(grid)), default=0.0)


def _readings(grid: Soft) -> Iterator[_Reading]:
    """The two likeliest formats of a grid."""
    version = (len(grid) - 17) // 4
    if version not in VERSIONS:
        return
    seen = sum((grid[places] for places in format_places(len(grid))), np.zeros(15, np.float32))
    for best in np.argsort(-(FORMATS @ seen))[:2]:
        level, mask = Level(int(best) >> 3), int(best) & 7
        soft = (grid[data_places(version)] * masked(version, mask))[order_of_bits(version, level)]
        ranked = _ranked(soft[: 8 * sum(BLOCKS[version, level][0])], version, level)
        if ranked:
            yield _Reading(ranked[0][0], version, level, mask, [form for _, form in ranked])


def _trusted(grid: Soft, reading: _Reading, form: Soft) -> Soft:
    """The grid with every module trusted as much as the known modules around it agree with what is known.

    A pen or a stain makes modules surely wrong; the bits that the form knows are everywhere among them.
    """
    known = fixed(reading.version).copy()
    rows, columns = data_places(reading.version)
    places = order_of_bits(reading.version, reading.level)[: len(form)]
    known[rows[places], columns[places]] = form * masked(reading.version, reading.mask)[places]
    weight = np.abs(grid) * np.abs(known)
    trust = np.ones_like(grid)
    for says in (grid > 0, grid <= 0):  # a pen only darkens, a lamp only lightens
        there = np.where(says, weight, 0)
        wrong = np.where(known * grid < 0, there, 0)
        usual = (wrong.sum() + 0.1) / (there.sum() + 10)
        near = cv2.GaussianBlur(np.stack([wrong, there], axis=-1), (0, 0), _NEAR, borderType=cv2.BORDER_CONSTANT)
        rate = (near[..., 0] + 0.2 * usual) / (near[..., 1] + 0.2)
        trust[says] = np.log(1 / np.clip(rate, 0.01, 0.45) - 1)[says]
    return np.asarray(grid * trust, np.float32)


def _ranked(soft: Soft, version: int, level: Level) -> list[tuple[float, Soft]]:
    """Forms with their likeness, the likeliest first."""
    forms = _forms(version, level)
    weight = np.abs(soft)
    against = (np.abs(forms) @ weight - forms @ soft) / 2  # weight of the modules that contradict a form
    known = np.abs(forms).sum(axis=1)
    order = np.argsort(against - known * weight.mean() * 0.25)[:_FORMS]
    return [(1 - 2 * float(against[at] / max(1e-6, np.abs(forms[at]) @ weight)), forms[at]) for at in order]


def _decoded(grid: Soft, reading: _Reading, form: Soft) -> str | None:
    """The payload of this form, from the likeliest results of all blocks."""
    lengths, extra = BLOCKS[reading.version, reading.level]
    flat = _trusted(grid, reading, form)[data_places(reading.version)] * masked(reading.version, reading.mask)
    soft = flat[order_of_bits(reading.version, reading.level)]
    ends = 8 * np.cumsum(lengths)
    results = [
        _algebraic(data, told, correction) + _likeliest(data, told, correction, parity(len(data) // 8, extra))
        for data, told, correction in zip(
            np.split(soft[: ends[-1]], ends[:-1]),
            np.split(form, ends[:-1]),
            np.split(soft[ends[-1] :], len(lengths)),
            strict=True,
        )
    ]
    for parts in islice(product(*results), _TRIED):
        text = _payload(np.packbits(np.concatenate(parts)).tobytes())
        if text is not None:
            return text
    return None


def _likeliest(data: Soft, told: Soft, correction: Soft, checks: Bits) -> list[Bits]:
    """The likeliest data bits of one block, best first. `told` has the known bits, `checks` the correction bits that
    each data bit turns over.
    """
    base = (told > 0).astype(np.int8)
    open_bits = np.flatnonzero(told == 0)
    if not len(open_bits):  # nothing but filling
        return [base]
    soft = np.concatenate([data[open_bits], correction])
    shift = np.concatenate([np.zeros(len(open_bits), np.int8), (base.astype(np.int32) @ checks % 2).astype(np.int8)])
    weight = np.abs(soft)
    order = np.argsort(-weight)
    rows = np.concatenate([np.eye(len(open_bits), dtype=np.int8), checks[open_bits]], axis=1)
    basis, pivots = _reduced(rows[:, order])
    hard = (soft > 0).astype(np.int8)[order]
    wanted = (hard ^ shift[order])[pivots]
    found = ((wanted.astype(np.int32) @ basis) % 2).astype(np.int8) ^ shift[order]
    heavy = weight[order].astype(np.float32)
    signs = 1 - 2 * basis.astype(np.float32)
    options: list[tuple[float, Bits]] = []
    for _ in range(_ROUNDS):
        # how much speaks for a result with rows i and j turned over (i = j: none of them), all in one product
        agree = heavy * (1 - 2 * (found ^ hard).astype(np.float32))
        singles = signs @ agree
        table = (signs * agree) @ signs.T
        np.fill_diagonal(table, singles)
        table[np.tri(len(table), k=-1, dtype=np.bool_)] = -np.inf
        options.append((float(agree.sum()), found))
        for at in np.argpartition(-table, _PICKED, axis=None)[:_PICKED]:
            i, j = np.unravel_index(at, table.shape)
            turned = found ^ basis[i] ^ (basis[j] if i != j else 0)
            options.append((float(table[i, j]), turned))
        options.sort(key=lambda option: -option[0])
        if (options[0][1] == found).all():
            break
        found = options[0][1]
    back = np.argsort(order)
    results: list[Bits] = []
    for _, bits in options[: 3 * _PICKED]:
        whole = base.copy()
        whole[open_bits] = bits[back][: len(open_bits)]
        if not any((whole == other).all() for other in results):
            results.append(whole)
    return results[:_PICKED]


def _algebraic(data: Soft, told: Soft, correction: Soft) -> list[Bits]:
    """Results of the Reed-Solomon decoder with ever more of the least sure codewords declared lost."""
    soft = np.concatenate([np.where(told == 0, data, told * 100), correction]).reshape(-1, 8)
    words = np.packbits(soft > 0, axis=1).tobytes()
    doubt = np.exp(-np.abs(soft)).sum(axis=1)
    order = np.argsort(-doubt)
    extra = len(correction) // 8
    results: list[Bits] = []
    for lost in range(0, extra - 1, 4):
        try:
            right, _, _ = reedsolo.rs_correct_msg(bytearray(words), extra, 0, 2, [int(at) for at in order[:lost]])
        except (reedsolo.ReedSolomonError, ZeroDivisionError):
            continue
        bits = np.unpackbits(np.frombuffer(bytes(right), np.uint8)).astype(np.int8)
        if (bits[told != 0] == (told > 0)[told != 0]).all():
            return [bits]
    return results


def _reduced(rows: Bits) -> tuple[Bits, list[int]]:
    """The same code with one row for each of the first independent columns, and those columns."""
    width = rows.shape[1]
    packed = [int.from_bytes(np.packbits(row).tobytes(), "big") for row in rows]
    total = (width + 7) // 8 * 8
    done: list[int] = []
    pivots: list[int] = []
    for column in range(width):
        if not packed:
            break
        bit = 1 << (total - 1 - column)
        at = next((place for place, row in enumerate(packed) if row & bit), None)
        if at is None:
            continue
        pivot = packed.pop(at)
        packed = [row ^ pivot if row & bit else row for row in packed]
        done = [row ^ pivot if row & bit else row for row in done]
        done.append(pivot)
        pivots.append(column)
    table = np.frombuffer(b"".join(row.to_bytes(total // 8, "big") for row in done), np.uint8)
    return np.unpackbits(table.reshape(len(done), -1), axis=1)[:, :width].astype(np.int8), pivots


def _payload(data: bytes) -> str | None:
    """The text in the data of a symbol, when it is an invoice's payload with a fitting CRC."""
    length = (data[0] & 15) << 4 | data[1] >> 4
    body = bytes((data[place] & 15) << 4 | data[place + 1] >> 4 for place in range(1, min(length + 1, len(data) - 1)))
    text = body.decode("ascii", "replace")
    parsed = payload.parse(text)
    return text.strip() if parsed is not None and parsed.crc is CrcState.OK else None


def _shapes() -> Iterator[str]:
    """Payloads as shapes: ``9`` a digit, ``3`` one up to 3, ``7`` one of 0 and 1, ``H`` a hexadecimal digit, others themselves."""
    day = "20997939"
    for whole, cents, crc in product(range(1, 10), (".99", "", ".9"), ("HHHH", "HHH")):
        amount = "9" * whole + cents
        for blank in ("", " "):
            yield f"01,99,{blank},{'9' * 20},{amount},{day},{blank},{crc}"
        for code, check, end in product((10, 12), (0, 20), ("", ",")):
            yield f"01,99,{'9' * code},{'9' * 8},{amount},{day},{'9' * check},{crc}{end}"


@cache
def _forms(version: int, level: Level) -> Soft:
    """The forms that fit into a symbol (forms x bits of data): +1 a one, -1 a nought, 0 unknown.

    Some makers leave a gap of one empty codeword between the end and the filling.
    """
    room = sum(BLOCKS[version, level][0])
    fitting = [_bits(shape, room, gap) for shape in _shapes() if len(shape) + 2 <= room for gap in ("", "0" * 8)]
    return np.array(fitting, np.float32).reshape(-1, 8 * room)


def _bits(shape: str, room: int, gap: str) -> list[int]:
    text = f"0100{len(shape):08b}" + "".join(_SIGNS.get(sign) or f"{ord(sign):08b}" for sign in shape) + "0000" + gap
    text += (f"{0xEC:08b}{0x11:08b}" * room)[: max(0, 8 * room - len(text))]
    return [{"0": -1, "1": 1, "?": 0}[bit] for bit in text[: 8 * room]]


_SIGNS: Final = {"9": "0011????", "7": "0011000?", "3": "001100??", "H": "0???????"}
