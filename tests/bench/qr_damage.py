"""What paper, pens, light, lenses and files do to a code, each with a strength from 0 (hardly seen) to 1 (severe).

Lengths are in modules of the symbol (`unit`, in pixels), so that a strength means the same at every resolution. Each
effect changes the picture in place or returns another of the same size; chance comes from the given generator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]  # height x width x 3, RGB


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the symbol lies in the picture: its middle, its side and one module, in pixels."""

    x: float
    y: float
    side: float
    unit: float


Effect: TypeAlias = Callable[[Picture, Spot, float, Generator], Picture]


def soft(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A lens out of focus: a Gaussian of up to 0.8 modules."""
    sigma = spot.unit * (0.2 + 0.6 * strength) * chance.uniform(0.9, 1.1)
    return _picture(cv2.GaussianBlur(picture, (0, 0), max(0.3, sigma)))


def moved(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A hand that moved by up to 2.2 modules in any direction."""
    length = max(1.0, spot.unit * (0.5 + 1.7 * strength))
    angle = chance.uniform(0, np.pi)
    half = int(np.ceil(length / 2)) + 1
    spread = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for step in np.linspace(-length / 2, length / 2, 8 * half):
        x, y = half + step * np.cos(angle), half + step * np.sin(angle)
        left, top = int(x), int(y)
        for column, row, share in (
            (left, top, (1 - x + left) * (1 - y + top)),
            (left + 1, top, (x - left) * (1 - y + top)),
            (left, top + 1, (1 - x + left) * (y - top)),
            (left + 1, top + 1, (x - left) * (y - top)),
        ):
            spread[row, column] += share
    return _picture(cv2.filter2D(picture, -1, spread / spread.sum(), borderType=cv2.BORDER_REPLICATE))


def glare(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A lamp mirrored in the paper: a bright disc over part of the symbol that the sensor cannot hold."""
    reach = spot.side * (0.12 + 0.16 * strength)
    light = _blob(picture, spot, reach, chance) * np.float32(130 + 160 * strength)
    return _picture(np.clip(picture + light[:, :, None], 0, 255))


def shadow(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """The edge of a shadow across the symbol; the dark side keeps down to a quarter of the light."""
    angle = chance.uniform(0, 2 * np.pi)
    x, y = _axes(picture)
    across = (x - spot.x) * np.cos(angle) + (y - spot.y) * np.sin(angle) + spot.side * chance.uniform(-0.35, 0.35)
    edge = 1 / (1 + np.exp(-np.clip(across / (spot.unit * chance.uniform(0.3, 3.0)), -30, 30)))
    return _picture(picture * (1 - (0.3 + 0.45 * strength) * edge)[:, :, None])


def folded(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A crease through the symbol: both halves lie differently by up to 1.2 modules, and the ridge is worn."""
    level = bool(chance.random() < 0.5)
    x, y = _axes(picture)
    along, across, place = (x, y, spot.y) if level else (y, x, spot.x)
    place += spot.side * chance.uniform(-0.4, 0.4)
    away = np.broadcast_to(across - place, picture.shape[:2]).astype(np.float32)
    bend = np.float32(spot.unit * 1.2 * strength) * np.exp(-np.abs(away) / np.float32(spot.side * 0.5))
    shear = bend * np.sign(away) * np.float32(chance.choice((-0.5, 0.5)))
    whole = np.broadcast_to(along, picture.shape[:2]).astype(np.float32)
    map_x, map_y = (whole + shear, away + place + bend) if level else (away + place + bend, whole + shear)
    out = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ridge = np.exp(-((away / np.float32(spot.unit * 0.5)) ** 2)) * np.float32(60 * strength)
    return _picture(np.clip(out + ridge[:, :, None], 0, 255))


def stained(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """Coffee or a finger: one to three brown patches that let through less light."""
    ink = np.array([0.25, 0.5, 0.8], np.float32) * np.float32(0.5 + 0.5 * strength)
    for _ in range(1 + int(chance.integers(0, 3))):
        patch = _blob(picture, spot, spot.side * (0.08 + 0.14 * strength), chance)
        picture = _picture(picture * (1 - patch[:, :, None] * ink))
    return picture


def written(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A pen: one to four strokes across the symbol, up to a module wide."""
    picture = picture.copy()
    ink = ((25, 25, 40), (30, 50, 150), (170, 30, 40))[int(chance.integers(3))]
    for _ in range(1 + round(3 * strength * chance.random())):
        points = np.array([spot.x, spot.y]) + chance.uniform(-0.6, 0.6, (4, 2)) * spot.side
        share = np.linspace(0, 1, 24)[:, None]
        curve = sum(
            weight * share**power * (1 - share) ** (3 - power) * point
            for power, (weight, point) in enumerate(zip((1, 3, 3, 1), points, strict=True))
        )
        width = max(1, round(spot.unit * (0.3 + 0.7 * strength)))
        cv2.polylines(picture, [np.asarray(curve, np.int32)], isClosed=False, color=ink, thickness=width)
    return picture


def grainy(picture: Picture, _spot: Spot, strength: float, chance: Generator) -> Picture:
    """A sensor in bad light: noise of up to 32 grey levels."""
    grain = _grain()
    top, left = (int(chance.integers(0, 256)) for _ in range(2))
    rows, columns = np.arange(picture.shape[0]) + top, np.arange(picture.shape[1]) + left
    noise = grain[rows[:, None] % grain.shape[0], columns[None, :] % grain.shape[1]] * np.float32(3 + 29 * strength)
    return _picture(np.clip(picture * np.float32(1 - 0.2 * strength) + noise[:, :, None], 0, 255))


def faded(picture: Picture, spot: Spot, strength: float, chance: Generator) -> Picture:
    """A worn ribbon or old thermal paper: the print keeps down to a fifth of its darkness, unevenly."""
    keep = np.float32(1 - 0.65 * strength) * (1 - 0.45 * strength * _blob(picture, spot, spot.side * 0.4, chance))
    paper = np.array([250, 248, 242], np.float32)
    return _picture(np.clip(paper - (paper - picture) * keep[:, :, None], 0, 255))


def packed(picture: Picture, _spot: Spot, strength: float, _chance: Generator) -> Picture:
    """Saved as JPEG, down to quality 30."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, round(85 - 55 * strength)]
    _, data = cv2.imencode(".jpg", picture, quality)
    return _picture(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _picture(values: Any) -> Picture:
    return np.asarray(values, np.uint8)


def _axes(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = picture.shape[:2]
    return np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]


def _blob(picture: Picture, spot: Spot, reach: float, chance: Generator) -> NDArray[np.float32]:
    """A soft-edged ellipse of height 1 with its middle somewhere over the symbol."""
    x, y = _axes(picture)
    dx, dy = (x - spot.x - spot.side * chance.uniform(-0.5, 0.5)), (y - spot.y - spot.side * chance.uniform(-0.5, 0.5))
    wide, high = reach * chance.uniform(0.7, 1.4), reach * chance.uniform(0.7, 1.4)
    return np.asarray(1 / (1 + ((dx / wide) ** 2 + (dy / high) ** 2) ** 2), np.float32)


@cache
def _grain() -> NDArray[np.float32]:
    """A tile of noise of spread 1, somewhat coarse as sensors interpolate it."""
    noise = np.random.default_rng(1).normal(0, 1, (509, 521)).astype(np.float32)
    mixed = cv2.GaussianBlur(noise, (0, 0), 0.5)
    return np.asarray(mixed / mixed.std(), np.float32)


ON_PAPER: Final[Mapping[str, Effect]] = {
    "fold": folded,
    "stain": stained,
    "pen": written,
    "fade": faded,
}
IN_LIGHT: Final[Mapping[str, Effect]] = {"glare": glare, "shadow": shadow}
IN_CAMERA: Final[Mapping[str, Effect]] = {"blur": soft, "motion": moved, "noise": grainy, "jpeg": packed}
