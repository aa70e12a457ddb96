"""Pages drawn for the eyes: lines of text, symbols, and what paper, pens and cameras do to them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from decimal import Decimal

import cv2
import numpy as np
import segno
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fixtures.pdf import font_path
from ocr.rules import payload

Picture = NDArray[np.uint8]
WHITE = (255, 255, 255)
WORDS = "增值税电子普通发票代码号码开票日期校验码购买方名称纳税人识别号地址电话货物或应税劳务服务价税合计大写销售方收款人复核备注"


def invoice_text(seed: int = 1, *, digital: bool = True) -> str:
    """A payload with a fitting CRC."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    amount = str(Decimal(chance.randrange(100, 9_999_999)) / 100)
    if digital:
        return payload.encode("32", "", f"2411{chance.randrange(10**16):016d}", amount, "20240528", "")
    check = f"{chance.randrange(10**20):020d}"
    return payload.encode("04", "1100233130", f"{chance.randrange(10**8):08d}", amount, "20230912", check)


def text_page(lines: Sequence[str], *, size: int = 32, width: int = 1200, height: int = 800) -> Picture:
    """Black lines on white, one below the other."""
    page = Image.new("RGB", (width, height), WHITE)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(font_path()), size)
    for row, line in enumerate(lines):
        pen.text((60, 40 + row * size * 2), line, font=font, fill=(20, 20, 20))
    return np.asarray(page).copy()


def busy_page(width: int = 1600, height: int = 1000, seed: int = 5) -> Picture:
    """A form full of small text and rulings, with free room at the upper left."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    page = Image.new("RGB", (width, height), WHITE)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(font_path()), 22)
    for y in range(280, height - 60, 42):
        pen.line([(30, y - 8), (width - 30, y - 8)], fill=(120, 60, 20), width=2)
        x = 40
        while x < width - 260:
            word = "".join(chance.choice(WORDS) for _ in range(chance.randint(2, 9)))
            pen.text((x, y), word, font=font, fill=(30, 30, 40))
            x += 22 * len(word) + chance.randint(30, 140)
    return np.asarray(page).copy()


def symbol(content: str | bytes, side: int, *, dots: bool = False) -> Picture:
    """A QR symbol without its quiet zone, `side` pixels wide; as blue needle print when `dots`."""
    matrix = np.array([list(row) for row in segno.make(content, error="M", micro=False, boost_error=False).matrix])
    if not dots:
        plain = Image.fromarray(np.where(matrix, 0, 255).astype(np.uint8)).resize(
            (side, side), Image.Resampling.NEAREST
        )
        return np.asarray(plain.convert("RGB")).copy()
    module = 16
    needles = Image.new("RGB", (len(matrix) * module,) * 2, WHITE)
    pen = ImageDraw.Draw(needles)
    for y, x in np.argwhere(matrix):
        for right, below in ((0, 0), (1, 0), (0, 1), (1, 1)):
            left, top = x * module + right * 8 + 1, y * module + below * 8 + 1
            pen.ellipse([left, top, left + 6, top + 6], fill=(70, 80, 200))
    return np.asarray(needles.resize((side, side), Image.Resampling.LANCZOS)).copy()


def with_symbol(page: Picture, code: Picture, x: int = 50, y: int = 40) -> Picture:
    """The page with a symbol pasted at a place."""
    pasted = page.copy()
    pasted[y : y + code.shape[0], x : x + code.shape[1]] = code
    return pasted


def soft(page: Picture) -> Picture:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 2.5), np.uint8)


def moved(page: Picture) -> Picture:
    """The hand moved by eleven pixels while the picture was taken."""
    spread = np.zeros((11, 11), np.float32)
    for step in np.linspace(-5, 5, 45):
        spread[5 + round(step * math.sin(0.6)), 5 + round(step * math.cos(0.6))] = 1
    return np.asarray(cv2.filter2D(page, -1, spread / spread.sum()), np.uint8)


def noisy(page: Picture) -> Picture:
    """A bad sensor in bad light."""
    grain = np.random.default_rng(7).normal(0, 45, page.shape)
    return np.clip(page * 0.7 + 30 + grain, 0, 255).astype(np.uint8)


def small(page: Picture) -> Picture:
    """Sent by a messenger that shrinks pictures."""
    return np.asarray(cv2.resize(page, None, fx=0.42, fy=0.42, interpolation=cv2.INTER_AREA), np.uint8)


def aslant(page: Picture) -> Picture:
    """A photo from one side, on a dark table."""
    height, width = page.shape[:2]
    seen = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    lies = np.array([[180, 90], [width - 20, 30], [width + 60, height + 40], [60, height - 60]], np.float32)
    matrix = cv2.getPerspectiveTransform(seen, lies)
    photo = cv2.warpPerspective(page, matrix, (width + 100, height + 100), borderValue=(70, 60, 50))
    return np.asarray(photo, np.uint8)


def rotated(page: Picture, degrees: float) -> Picture:
    """Turned clockwise by any angle, on white."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.7)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=WHITE), np.uint8)
