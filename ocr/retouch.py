"""Ways to read a symbol that was cut out of a page: one cleaning and one decoder each, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cv2
import numpy as np
import zxingcpp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ocr.symbols import Square

    Grey = np.ndarray[Any, np.dtype[np.integer[Any] | np.floating[Any]]]  # what OpenCV says it returns

try:
    from pyzbar import pyzbar
except ImportError:  # the wheel is here but Debian's libzbar0 is not: the other decoders still read most codes
    pyzbar = None

SYMBOL: Final = 420  # pixels that the symbol measures in a crop
_MARGIN: Final = 0.22  # of its side, on each side
_FEWEST, _OFTENEST = 5.0, 34.0  # changes along a row through the middle of a symbol
QR: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])  # the smaller relatives guard too little


@dataclass(frozen=True, slots=True)
class Crop:
    """A symbol with its margin, at one size: grey, and the red channel (blue print is dark there)."""

    grey: NDArray[np.uint8]
    red: NDArray[np.uint8]
    darkest: NDArray[np.uint8]  # min(R, G)

    def clearest(self) -> NDArray[np.uint8]:
        """The picture in which light and dark are farthest apart."""
        return max((self.grey, self.red), key=lambda picture: float(picture.std()))


class Found(NamedTuple):
    """A text with the direction of the symbol's upper edge (x, y), None when the decoder does not tell."""

    text: str
    across: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Way:
    """A cleaning with the decoder that reads it; `read` gives the texts found, usually none or one."""

    name: str
    read: Callable[[Crop], list[Found]]


def cut(image: NDArray[np.uint8], place: Square, ratio: float) -> Crop:
    """The symbol at `place`, in pixels of a page of which `image` (RGB) is a copy `ratio` times as large."""
    half = place.side * ratio * (0.5 + _MARGIN)
    x, y = place.x * ratio, place.y * ratio
    height, width = image.shape[:2]
    left, top = max(0, round(x - half)), max(0, round(y - half))
    right, bottom = min(width, max(left + 8, round(x + half))), min(height, max(top + 8, round(y + half)))
    patch = image[top:bottom, left:right]
    scale = SYMBOL / max(place.side * ratio, 8.0)
    size = (max(32, round(patch.shape[1] * scale)), max(32, round(patch.shape[0] * scale)))
    shrinks = scale < 1
    patch = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8)
    grey = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.uint8)
    return Crop(grey, np.ascontiguousarray(patch[:, :, 0]), np.minimum(patch[:, :, 0], patch[:, :, 1]))


def checkered(crop: Crop) -> bool:
    """True when dark and light change about as often in a crop as in a symbol of 21 to 57 modules, both ways."""
    small = cv2.resize(crop.grey, (128, 128), interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    heart = ink[28:100, 28:100].astype(np.int8)
    across, down = (float(np.abs(np.diff(heart, axis=axis)).sum(axis=axis).mean()) for axis in (1, 0))
    return min(across, down) > _FEWEST and max(across, down) < _OFTENEST


def decoded(raw: bytes) -> str:
    """The bytes of a symbol as text: UTF-8, else GB18030, else what is left of it."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def across(position: zxingcpp.Position) -> tuple[float, float]:
    """The direction of a symbol's upper edge."""
    return position.top_right.x - position.top_left.x, position.top_right.y - position.top_left.y


def _zxing(grey: Grey) -> list[Found]:
    found = zxingcpp.read_barcodes(np.ascontiguousarray(grey, np.uint8), formats=QR, try_invert=False)
    return [Found(decoded(code.bytes), across(code.position)) for code in found]


def _zbar(grey: Grey) -> list[Found]:
    if pyzbar is None:
        return []
    found = pyzbar.decode(np.ascontiguousarray(grey, np.uint8), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return [Found(decoded(code.data), None) for code in found]


def _opened(grey: NDArray[np.uint8], size: int = 5) -> Grey:
    """Light gaps between dots closed."""
    return cv2.morphologyEx(grey, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def _blurred(grey: Grey, sigma: float) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), sigma)


def _sharpened(grey: NDArray[np.uint8], sigma: float, amount: float) -> Grey:
    """Edges lifted: what a soft lens or a moving hand took away."""
    return cv2.addWeighted(grey, 1 + amount, _blurred(grey, sigma), -amount, 0)


def _half(grey: Grey) -> Grey:
    return cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _two_toned(grey: Grey) -> Grey:
    """Black and white by the light of the neighbourhood."""
    blur = np.asarray(_blurred(grey, 1.5), np.uint8)
    return cv2.adaptiveThreshold(blur, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 101, 4)


QUICK: Final = (
    Way("zxing-crop", lambda crop: _zxing(crop.grey)),
    Way("zxing-red-soft", lambda crop: _zxing(_blurred(crop.red, 2))),
    Way("zxing-sharp", lambda crop: _zxing(_sharpened(crop.grey, 6, 2.5))),
)
"""Ways that cost a few milliseconds each."""
SLOW: Final = (
    Way("zxing-open", lambda crop: _zxing(_opened(crop.grey))),
    Way("zxing-soft", lambda crop: _zxing(_blurred(crop.grey, 3))),
    Way("zxing-darkest-open", lambda crop: _zxing(_opened(np.asarray(_blurred(crop.darkest, 1.5), np.uint8), 7))),
    Way("zxing-half", lambda crop: _zxing(_half(crop.grey))),
    Way("zbar-crop", lambda crop: _zbar(crop.grey)),
    Way("zbar-two-toned", lambda crop: _zbar(_two_toned(crop.grey))),
)
"""Ways for symbols of which the modules did not give an invoice: a payment code, a link."""
