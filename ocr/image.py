"""Pictures: JPEG, PNG, TIFF of many pages, WebP, BMP, HEIC; upright by EXIF, on white, within the pixel limit."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import pi_heif
from PIL import Image, ImageOps

from ocr.document import Document, Page, Raster
from ocr.errors import NoPagesError, TooLargeError, TooManyPagesError, TruncatedError, UnreadableError
from ocr.sniff import Format
from ocr.types import Carrier, Limits, Problem

DECODERS = {  # the decoder that may look at each format
    Format.JPEG: "JPEG",
    Format.PNG: "PNG",
    Format.TIFF: "TIFF",
    Format.BMP: "BMP",
    Format.WEBP: "WEBP",
    Format.HEIC: "HEIF",
}
RASTERS_KEPT = 2
NO_DPI = frozenset({0, 1, 72, 96})  # what programs write when they do not know
DPI_RANGE = (50.0, 2400.0)
REDUCED = 254  # TIFF tag NewSubfileType; bit 0: a thumbnail of another page

Image.init()  # all decoders, since asking for one by name does not load it
pi_heif.register_heif_opener(thumbnails=False)  # type: ignore[no-untyped-call, unused-ignore]  # the package is untyped


@contextmanager
def decoding(limits: Limits) -> Iterator[None]:
    """Turn what a decoder throws into a reason a person can act on: TooLargeError or TruncatedError."""
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnreadableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLargeError(str(error)) from error
    except MemoryError:
        raise
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        EOFError,
        ArithmeticError,
        struct.error,
        RuntimeError,
    ) as error:
        raise TruncatedError(f"{type(error).__name__}: {error}") from error


def load_image(data: bytes, media_type: Format, limits: Limits) -> Document:
    """The pages of a picture file; only TIFF has more than one (the second picture of a phone's JPEG or HEIC is a
    preview or a depth map, the frames of an animation are no pages).

    Every page is decoded once, so that a damaged one is found here and becomes a problem. Raises TruncatedError
    when no page is left, TooLargeError and TooManyPagesError before anything is decoded.
    """
    with decoding(limits):
        opened = Image.open(io.BytesIO(data), formats=(DECODERS[media_type],))
        frames = _frames(opened, limits) if media_type is Format.TIFF else [0]

    @lru_cache(maxsize=RASTERS_KEPT)
    def decode(frame: int) -> Raster:
        with decoding(limits):
            opened.seek(frame)
            return upright(opened, limits)

    kept: list[int] = []
    pages: list[Page] = []
    problems: list[Problem] = []

    def render(index: int) -> Raster:
        return decode(kept[index])

    for frame in frames:
        try:
            height, width = decode(frame).shape[:2]
        except TooLargeError:
            raise
        except UnreadableError as error:
            problems.append(Problem("page_unreadable", error.detail, frame))
            continue
        kept.append(frame)
        pages.append(
            Page(
                len(pages), float(width), float(height), (width, height), (), _dpi(opened), native=False, render=render
            )
        )
    if not pages:
        raise TruncatedError(problems[0].detail)
    return Document(Carrier.IMAGE, media_type.value, tuple(pages), (), tuple(problems))


def _frames(opened: Image.Image, limits: Limits) -> list[int]:
    count = int(getattr(opened, "n_frames", 1))
    if count > limits.max_pages:
        raise TooManyPagesError(f"{count} pages")
    frames = []
    for index in range(count):
        opened.seek(index)
        if not _tag(opened, REDUCED) & 1:
            frames.append(index)
    if not frames:
        raise NoPagesError("only thumbnails")
    return frames


def _tag(opened: Image.Image, tag: int) -> int:
    value = getattr(opened, "tag_v2", {}).get(tag, 0)
    return value if isinstance(value, int) else 0


def upright(picture: Image.Image, limits: Limits) -> Raster:
    """The picture as an RGB array, turned as EXIF says, transparency on white, 16-bit grey scaled to 8."""
    if picture.width * picture.height > limits.max_pixels:
        raise TooLargeError(f"{picture.width}×{picture.height} pixels")
    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith(("I", "F")):
        turned = _eight_bits(turned)
    elif turned.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        turned = Image.new("RGB", clear.size, "white")
        turned.paste(clear, mask=clear.getchannel("A"))
    return np.asarray(turned.convert("RGB"))


def _eight_bits(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture, dtype=np.float64)
    top = 65535.0 if values.max(initial=0.0) > 255.0 else 255.0
    return Image.fromarray((values / top * 255.0).clip(0, 255).astype(np.uint8))


def _dpi(picture: Image.Image) -> float | None:
    """Dots per inch from the file, None for the values that programs write by default."""
    stated = picture.info.get("dpi")
    try:
        value = min(float(stated[0]), float(stated[1])) if stated else 0.0
    except (TypeError, ValueError, LookupError, ArithmeticError):
        return None
    known = DPI_RANGE[0] <= value <= DPI_RANGE[1] and round(value) not in NO_DPI
    return value if known else None


def jpeg(raster: Raster, long_side: int) -> bytes:
    """The raster as a JPEG of at most `long_side` pixels, for showing."""
    picture = Image.fromarray(raster)
    picture.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
