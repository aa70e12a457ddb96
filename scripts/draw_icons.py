"""Draws the icons of the installed page from the shape of `web/static/icon.svg`: ``python scripts/draw_icons.py``."""  # noqa: INP001  # a command, not a package

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).parents[1] / "web" / "static"
BLUE, WHITE, SEAL, PAPER = "#1f4f82", "#ffffff", "#f3b7b2", "#f5f6f3"
EDGE = [(5, 2.5), (19, 2.5), (19, 21.5), (16.7, 19.9), (14.3, 21.5), (12, 19.9), (9.7, 21.5), (7.3, 19.9), (5, 21.5)]
FINE = 4


def draw(size: int, share: float, ground: str | None) -> Image.Image:
    """The mark on `ground` (None: clear), `share` of the side wide."""
    side = size * FINE
    picture = Image.new("RGBA", (side, side), ground or (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    unit = side * share / 24
    off = side * (1 - share) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return off + x * unit, off + y * unit

    pen.polygon([at(x, y) for x, y in EDGE], fill=BLUE)
    for height in (7.5, 11.0):
        pen.line([at(8, height), at(16, height)], fill=WHITE, width=round(1.6 * unit))
        for end in (8, 16):
            pen.ellipse([at(end - 0.8, height - 0.8), at(end + 0.8, height + 0.8)], fill=WHITE)
    pen.ellipse([at(11.45, 11.65), at(18.15, 18.35)], outline=SEAL, width=round(1.5 * unit))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for name, size, share, ground in (
        ("icon-192.png", 192, 1.0, None),
        ("icon-512.png", 512, 1.0, None),
        ("icon-mask.png", 512, 0.66, PAPER),
    ):
        draw(size, share, ground).save(STATIC / name, optimize=True)
