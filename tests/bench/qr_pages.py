"""Pages with the codes of invoices, other codes, or none: scans, forms and photos in five grades of damage, from a seed.

``page(seed, index)`` is the same page on every machine. Seeds below 1,000,000 are for tuning, the others for judging.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import segno
import zxingcpp
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from fixtures.invent import Inventor
from fixtures.pdf import font_path
from ocr.rules import payload
from tests.bench import qr_damage
from tests.bench.qr_damage import Effect, Picture, Spot
from tests.ocr.drawn import busy_page

GRADES: Final = ("light", "slight", "middling", "hard", "severe")
_STRENGTH: Final = ((0.0, 0.15), (0.05, 0.25), (0.1, 0.35), (0.15, 0.42), (0.25, 0.58))
_EFFECTS: Final = (1, 1, 1, 2, 2)
_DPI: Final = ((150, 200, 300), (150, 200, 300), (120, 150, 200, 240), (110, 150, 200), (100, 120, 150, 200))
_UNIT: Final = ((4.0, 8.0), (3.5, 7.0), (3.0, 6.0), (2.6, 5.0), (2.3, 4.5))  # pixels of a module in a photo
_TILT: Final = (8, 15, 22, 30, 35)  # degrees
_A4, _FORM = (210.0, 297.0), (210.0, 140.0)  # mm
_WITHOUT: Final = 0.15  # of the pages show no invoice's code
_LOGO: Final = 0.2  # of the side


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, the payloads of its invoices and the texts of all its codes."""

    picture: Picture
    invoices: tuple[str, ...]
    texts: frozenset[str]
    carrier: str  # scan, form, photo
    grade: str
    effects: tuple[str, ...]


def page(seed: int, index: int, *, bare: bool = False) -> Drawn:
    """One page; `bare` ones show no code at all."""
    chance = np.random.default_rng((seed, index))
    inventor = Inventor(f"{seed}/{index}")
    level = int(chance.integers(len(GRADES)))
    carrier = ("scan", "form", "photo")[int(chance.choice(3, p=(0.3, 0.35, 0.35)))]
    paper = bool(chance.random() < 0.35)  # a tax-control paper form, its code struck by needles
    size = _A4 if carrier == "scan" or (carrier == "photo" and chance.random() < 0.3) else _FORM
    side_mm = float(chance.uniform(16, 20))
    invoices = [] if bare or chance.random() < _WITHOUT else [invoice(inventor, paper=paper)]
    if invoices and chance.random() < 0.05:
        invoices.append(invoice(inventor, paper=paper))
    others = [] if bare or chance.random() < 0.75 else [decoy(inventor)]
    modules = 41 if not invoices else len(_matrix(invoices[0]))
    dpi = float(chance.choice(_DPI[level]))
    if carrier == "photo":
        dpi = min(float(chance.uniform(*_UNIT[level])) * modules / side_mm * 25.4, 260.0)
    scale = dpi / 25.4
    sheet = _background(size, scale, bool(invoices or others), chance)
    side = side_mm * scale
    spot = Spot(0, 0, side, side / modules)
    spots: list[Spot] = []
    for text, place in zip((*invoices, *others), _places(size, side_mm, chance), strict=False):
        needles, logo = paper and text in invoices, not paper and text in invoices and chance.random() < 0.7
        symbol = _linear(text, side) if text.isdigit() else _symbol(text, side, needles=needles, logo=logo)
        x, y = round(place[0] * scale), round(place[1] * scale)
        _paste(sheet, symbol, x, y)
        spots.append(Spot(x + side / 2, y + side / 2, side, side / modules))
    names = tuple(_chosen(level, carrier, chance))
    hurt = spots or [Spot(sheet.shape[1] / 2, sheet.shape[0] / 2, spot.side, spot.unit)]
    for one in hurt:
        _apply(sheet, one, [n for n in names if n in qr_damage.ON_PAPER], level, chance)
    if carrier == "photo":
        sheet, hurt = _photographed(sheet, hurt, _TILT[level], chance)
    else:
        sheet, hurt = _scanned(sheet, hurt, chance)
    for one in hurt:
        _apply(sheet, one, [n for n in names if n not in qr_damage.ON_PAPER], level, chance)
    return Drawn(sheet, tuple(invoices), frozenset([*invoices, *others]), carrier, GRADES[level], names)


def invoice(inventor: Inventor, *, paper: bool) -> str:
    """A payload as issuers write it (domain.md §2.1), with one of the six checksums."""
    chance = inventor.chance
    variant = chance.choice("AAAABBCDEF")
    amount = f"{10 ** chance.uniform(0.3, 6.5):.2f}"
    if chance.random() < 0.1:
        amount = amount.split(".", maxsplit=1)[0]
    day = f"{chance.randint(2017, 2026)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    if paper:
        kind = chance.choice(("01", "04", "04", "10", "10", "20"))
        code = inventor.digits(10) if kind == "01" else f"0{inventor.digits(11)}"
        check = "" if kind == "01" else inventor.digits(20)
        text = payload.encode(kind, code, f"{chance.randrange(1, 10**8):08d}", amount, day, check, variant)
        return text + chance.choice((",", ",", ""))
    blank = chance.choice(("", "", " "))
    number = f"{chance.randint(23, 26)}{inventor.digits(18)}"
    text = payload.encode(chance.choice(("31", "32", "32")), blank, number, amount, day, blank, variant)
    body, _, crc = text.rpartition(",")
    return f"{body},{crc.lower() if blank else crc}"


def decoy(inventor: Inventor) -> str:
    """The text of a code that is no invoice's; one of digits only is drawn as Code 128."""
    chance = inventor.chance
    return chance.choice(
        (
            f"https://qr.alipay.com/fkx{inventor.digits(20)}",
            f"wxp://f2f0{inventor.digits(24)}",
            f"https://dppt.zhejiang.chinatax.gov.cn:8443/v/2_{inventor.digits(20)}_{inventor.digits(8)}",
            f"https://fp.nuonuo.com/#/scan?code={inventor.digits(12)}",
            f"http://example.com/{inventor.digits(6)}",
            f"69{inventor.digits(11)}",
        )
    )


def _chosen(level: int, carrier: str, chance: Generator) -> Iterator[str]:
    """Which effects a page suffers, in the order in which they happen."""
    names = [*qr_damage.ON_PAPER]
    names += [*qr_damage.IN_LIGHT, "blur", "motion", "noise"] if carrier == "photo" else ["blur", "noise"]
    some = set(chance.choice(names, size=_EFFECTS[level], replace=False).tolist())
    yield from (name for name in names if name in some)
    if carrier == "photo" or chance.random() < 0.5:
        yield "jpeg"


def _apply(sheet: Picture, spot: Spot, names: list[str], level: int, chance: Generator) -> None:
    """Effects on the neighbourhood of a symbol, in place."""
    reach = spot.side * 1.1
    top, left = (max(0, round(middle - reach)) // 8 * 8 for middle in (spot.y, spot.x))
    view = sheet[top : round(spot.y + reach), left : round(spot.x + reach)]
    there = Spot(spot.x - left, spot.y - top, spot.side, spot.unit)
    effects: dict[str, Effect] = {**qr_damage.ON_PAPER, **qr_damage.IN_LIGHT, **qr_damage.IN_CAMERA}
    for name in names:
        view[:] = effects[name](view, there, float(chance.uniform(*_STRENGTH[level])), chance)


def _places(size: tuple[float, float], side: float, chance: Generator) -> list[tuple[float, float]]:
    """Left upper corners in mm: the first where forms have their code, the next beside it."""
    x, y = float(chance.uniform(7, 25)), float(chance.uniform(5, 20))
    if chance.random() < 0.25:  # a photocopy, anywhere
        x, y = float(chance.uniform(7, 60)), float(chance.uniform(5, size[1] - side - 6))
    return [(x, y), (x + side * 2.2, y), (x + side * 4.4, y)]


@cache
def _sheets(size: tuple[float, float]) -> tuple[Picture, ...]:
    """Forms and texts at 150 dpi."""
    width, height = (round(mm / 25.4 * 150) for mm in size)
    font = ImageFont.truetype(str(font_path()), 26)
    pages = [busy_page(width, height, seed) for seed in (1, 2, 3)]
    dense = Image.new("RGB", (width, height), (255, 255, 255))
    pen = ImageDraw.Draw(dense)
    for row in range(40, height - 40, 36):
        pen.text(
            (50, row),
            "本页为购销合同附件买卖双方约定如下货物名称规格型号数量单价金额" * 2,
            font=font,
            fill=(20, 20, 20),
        )
    return (*pages, np.asarray(dense).copy())


def _background(size: tuple[float, float], scale: float, with_code: bool, chance: Generator) -> Picture:
    """A sheet of text at a scale in pixels a millimetre; one without a code may be a printed picture instead."""
    width, height = round(size[0] * scale), round(size[1] * scale)
    sheets = _sheets(size)
    which = int(chance.integers(3 if with_code else 5))
    if which < len(sheets):
        there = sheets[which]
        smaller = width < there.shape[1]
        return np.asarray(
            cv2.resize(there, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR), np.uint8
        )
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    pitch = float(chance.uniform(3, 9))
    tone = cv2.resize(chance.uniform(-1, 1, (9, 12)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    screen = np.cos((x + y) * np.float32(4.4 / pitch)) * np.cos((x - y) * np.float32(4.4 / pitch))
    halftone = np.where(screen + tone > 0, 245, 40).astype(np.uint8)
    return np.repeat(halftone[:, :, None], 3, axis=2)


def _matrix(text: str) -> Picture:
    code = segno.make_qr(text, error="m", boost_error=False)
    return np.array([[0 if module else 255 for module in row] for row in code.matrix], np.uint8)


def _symbol(text: str, side: float, *, needles: bool, logo: bool) -> Picture:
    matrix = _matrix(text)
    module = 12
    big = np.repeat(np.kron(matrix, np.ones((module, module), np.uint8))[:, :, None], 3, axis=2)
    if needles:
        dot = np.zeros((module // 2, module // 2), np.float32)
        cv2.circle(dot, (3, 3), 3, 1.0, -1)
        dots = np.tile(dot, (2 * len(matrix), 2 * len(matrix)))[:, :, None]
        ink = np.array([185, 170, 50], np.float32)  # what the blue takes away
        big = (255 - dots * ink * (big < 128)).astype(np.uint8)
    if logo:
        half = round(_LOGO / 2 * len(big))
        middle = len(big) // 2
        big[middle - half : middle + half, middle - half : middle + half] = 255
        mark = Image.fromarray(big)
        font = ImageFont.truetype(str(font_path()), round(1.7 * half))
        ImageDraw.Draw(mark).text((middle, middle), "税", font=font, fill=(205, 25, 25), anchor="mm")
        big = np.asarray(mark).copy()
    return np.asarray(cv2.resize(big, (round(side),) * 2, interpolation=cv2.INTER_AREA), np.uint8)


def _linear(text: str, side: float) -> Picture:
    made = np.asarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=2), np.uint8)
    grey = cv2.resize(made, (round(side * 1.6), round(side / 2)), interpolation=cv2.INTER_AREA)
    return np.repeat(np.asarray(grey, np.uint8)[:, :, None], 3, axis=2)


def _paste(sheet: Picture, symbol: Picture, x: int, y: int) -> None:
    """A symbol with its quiet zone, on what is below."""
    quiet = max(3, symbol.shape[0] // 10)
    sheet[max(0, y - quiet) : y + symbol.shape[0] + quiet, max(0, x - quiet) : x + symbol.shape[1] + quiet] = 255
    room = sheet[y : y + symbol.shape[0], x : x + symbol.shape[1]]
    room[:] = symbol[: room.shape[0], : room.shape[1]]


def _scanned(sheet: Picture, spots: list[Spot], chance: Generator) -> tuple[Picture, list[Spot]]:
    """A little crooked, now and then in another quarter turn."""
    height, width = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(chance.normal(0, 1.2)), 1.0)
    out = cv2.warpAffine(sheet, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(252, 252, 250))
    places = [np.asarray(turn) @ (spot.x, spot.y, 1.0) for spot in spots]
    moved = [Spot(float(at[0]), float(at[1]), spot.side, spot.unit) for at, spot in zip(places, spots, strict=True)]
    return np.asarray(out, np.uint8), moved


def _photographed(sheet: Picture, spots: list[Spot], tilt: float, chance: Generator) -> tuple[Picture, list[Spot]]:
    """From up to `tilt` degrees aslant and turned by up to 20, on a dark desk, three sheets' lengths away."""
    height, width = sheet.shape[:2]
    away = 2.2 * max(width, height)
    lean, around, turn = (
        np.radians(chance.uniform(0, tilt)),
        chance.uniform(0, 2 * np.pi),
        np.radians(chance.normal(0, 8)),
    )
    axis = np.array([np.cos(around), np.sin(around), 0.0])
    rotation, _ = cv2.Rodrigues(axis * lean)
    spin, _ = cv2.Rodrigues(np.array([0.0, 0.0, turn]))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    solid = np.c_[corners - (width / 2, height / 2), np.zeros(4)] @ (np.asarray(rotation) @ np.asarray(spin)).T
    seen = solid[:, :2] * (away / (away + solid[:, 2:]))
    seen -= seen.min(axis=0) - 0.03 * width
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    room = tuple(int(edge + 0.03 * width) for edge in seen.max(axis=0))
    desk = tuple(int(level) for level in chance.integers(40, 150, 3))
    out = cv2.warpPerspective(sheet, warp, room, flags=cv2.INTER_LINEAR, borderValue=desk)
    places = cv2.perspectiveTransform(np.array([[[spot.x, spot.y]] for spot in spots], np.float64), np.asarray(warp))
    moved = [
        Spot(float(at[0][0]), float(at[0][1]), spot.side, spot.unit) for at, spot in zip(places, spots, strict=True)
    ]
    return np.asarray(out, np.uint8), moved
