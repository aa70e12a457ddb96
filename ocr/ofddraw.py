"""A picture of an OFD page, good enough to show to a clerk and to find its QR code, drawn with Pillow.

Characters are set in a Chinese font of the system at the places the file gives; seals inside signatures are not drawn.
"""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path as FilePath

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.document import Raster
from ocr.errors import UnreadableError
from ocr.image import decoding
from ocr.ofdpage import Colour, Glyph, Matrix, Path, Picture, Sheet
from ocr.runs import Edges
from ocr.types import Limits

FONTS = (
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Regular.ttc",
    "SourceHanSansSC-Regular.otf",
    "simsun.ttc",
    "msyh.ttc",
    "PingFang.ttc",
)
JBIG2 = b"\x97JB2\r\n\x1a\n"
JBIG2_SECONDS = 10
MAX_NESTED = 1500  # outlines of one path that are compared with one another
FONT_CACHE = 64
IMAGE_FORMATS = ("JPEG", "PNG", "BMP", "DIB", "TIFF", "GIF", "PPM")


@lru_cache(maxsize=1)
def font_name() -> str | None:
    """The first Chinese font that this system has; without one pictures of OFD pages miss their text."""
    for name in FONTS:
        try:
            ImageFont.truetype(name, 12)
        except OSError:
            continue
        return name
    return None


@lru_cache(maxsize=FONT_CACHE)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    name = font_name()
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


def has_jbig2() -> bool:
    """Whether the program that decodes JBIG2 images is installed."""
    return shutil.which("jbig2dec") is not None


def draw_sheet(sheet: Sheet, box: Edges, scale: float, read: Callable[[str], bytes], limits: Limits) -> Raster:
    """The page as RGB at `scale` pixels for each millimetre; what cannot be drawn is left out.

    `read` gives the bytes of an image part and raises UnreadableError.
    """
    left, top, width, height = box
    canvas = Image.new("RGB", (math.ceil(width * scale), math.ceil(height * scale)), "white")
    pen = ImageDraw.Draw(canvas)
    shift = (scale, 0.0, 0.0, scale, -left * scale, -top * scale)
    for thing in sheet.things:
        if isinstance(thing, Path):
            _draw_path(pen, thing, shift)
        elif isinstance(thing, Glyph):
            _draw_glyph(canvas, pen, thing, shift)
        else:
            picture = _decoded(thing, read, limits)
            if picture is not None:
                _draw_picture(canvas, picture, thing, shift)
    return np.array(canvas)


def _place(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _draw_path(pen: ImageDraw.ImageDraw, path: Path, shift: Matrix) -> None:
    width = max(1, round(path.width * shift[0]))
    lines = [[_place(shift, x, y) for x, y in line] for line in path.lines]
    if path.fill is not None:
        outlines = [line for line in lines if len(line) > 2]
        for line, is_hole in _holes(outlines):
            pen.polygon(line, fill="white" if is_hole else path.fill)
    if path.stroke is not None:
        for line in lines:
            pen.line(line, fill=path.stroke, width=width)


def _holes(outlines: list[list[tuple[float, float]]]) -> list[tuple[list[tuple[float, float]], bool]]:
    """Outlines of one path, the larger first; one that lies inside an odd number of others is a hole, as the white
    ring of a code's finder pattern.
    """
    if not 1 < len(outlines) <= MAX_NESTED:
        return [(line, False) for line in outlines]
    bounds = [
        (min(x for x, _ in line), min(y for _, y in line), max(x for x, _ in line), max(y for _, y in line))
        for line in outlines
    ]
    order = sorted(range(len(outlines)), key=lambda at: -(bounds[at][2] - bounds[at][0]))
    return [(outlines[at], sum(_inside(bounds[at], other) for other in bounds) % 2 == 1) for at in order]


def _inside(inner: Edges, outer: Edges) -> bool:
    return outer[0] < inner[0] and outer[1] < inner[1] and inner[2] < outer[2] and inner[3] < outer[3]


def _draw_glyph(canvas: Image.Image, pen: ImageDraw.ImageDraw, glyph: Glyph, shift: Matrix) -> None:
    size = round(glyph.size * shift[0])
    x, y = _place(shift, glyph.x, glyph.y)
    outside = not (-size <= x <= canvas.width + size and -size <= y <= canvas.height + size)
    if glyph.char.isspace() or outside or not 2 <= size <= canvas.height:
        return
    if abs(glyph.angle) < 1.0:
        pen.text((x, y), glyph.char, font=_font(size), fill=glyph.colour, anchor="ls")
        return
    stamp = Image.new("L", (4 * size, 4 * size))
    ImageDraw.Draw(stamp).text((2 * size, 2 * size), glyph.char, font=_font(size), fill=255, anchor="ls")
    stamp = stamp.rotate(-glyph.angle, resample=Image.Resampling.BICUBIC)
    canvas.paste(_plain(stamp.size, glyph.colour), (round(x) - 2 * size, round(y) - 2 * size), stamp)


def _plain(size: tuple[int, int], colour: Colour) -> Image.Image:
    return Image.new("RGB", size, colour)


def _decoded(thing: Picture, read: Callable[[str], bytes], limits: Limits) -> Image.Image | None:
    try:
        data = read(thing.resource)
        if data.startswith(JBIG2):
            data = jbig2(data)
        with decoding(limits):
            return Image.open(io.BytesIO(data), formats=IMAGE_FORMATS).convert("RGBA")
    except UnreadableError:
        return None


def jbig2(data: bytes) -> bytes:
    """A JBIG2 file as PNG by the system's `jbig2dec`. Raises UnreadableError when it is absent or fails."""
    program = shutil.which("jbig2dec")
    if program is None:
        raise UnreadableError("jbig2dec is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source, target = FilePath(folder, "in.jb2"), FilePath(folder, "out.png")
        source.write_bytes(data)
        try:
            done = subprocess.run(  # noqa: S603  # a fixed program on a file of our own
                [program, "-q", "-t", "png", "-o", str(target), str(source)],
                timeout=JBIG2_SECONDS,
                capture_output=True,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnreadableError(f"jbig2dec: {error}") from error
        if done.returncode != 0 or not target.exists():
            raise UnreadableError(f"jbig2dec: {done.stderr[:200]!r}")
        return target.read_bytes()


def _draw_picture(canvas: Image.Image, picture: Image.Image, thing: Picture, shift: Matrix) -> None:
    corners = [_place(shift, *_place(thing.matrix, x, y)) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    x0, y0 = (math.floor(min(corner[axis] for corner in corners)) for axis in (0, 1))
    x1, y1 = (math.ceil(max(corner[axis] for corner in corners)) for axis in (0, 1))
    size = (x1 - x0, y1 - y0)
    inside = x1 > 0 and y1 > 0 and x0 < canvas.width and y0 < canvas.height
    if not inside or not all(0 < side <= 2 * max(canvas.size) for side in size):
        return
    plain = thing.matrix[1] == thing.matrix[2] == 0.0 and thing.matrix[0] > 0 and thing.matrix[3] > 0
    laid = picture.resize(size, _filter(picture, size)) if plain else _turned(picture, corners, (x0, y0), size)
    canvas.paste(laid, (x0, y0), laid)


def _filter(picture: Image.Image, size: tuple[int, int]) -> Image.Resampling:
    """The modules of an enlarged code stay sharp."""
    return Image.Resampling.NEAREST if picture.width <= size[0] else Image.Resampling.LANCZOS


def _turned(
    picture: Image.Image, corners: list[tuple[float, float]], origin: tuple[int, int], size: tuple[int, int]
) -> Image.Image:
    """The picture under a turning or mirroring matrix: for each target pixel the source pixel by the inverse."""
    (px, py), (qx, qy), (rx, ry), _ = corners
    ux, uy = (qx - px) / picture.width, (qy - py) / picture.width
    vx, vy = (rx - px) / picture.height, (ry - py) / picture.height
    det = ux * vy - uy * vx
    if abs(det) < 1e-9:
        return Image.new("RGBA", size)
    dx, dy = origin[0] - px, origin[1] - py
    inverse = (
        vy / det,
        -vx / det,
        (vy * dx - vx * dy) / det,
        -uy / det,
        ux / det,
        (ux * dy - uy * dx) / det,
    )
    return picture.transform(size, Image.Transform.AFFINE, inverse, resample=Image.Resampling.BILINEAR)
