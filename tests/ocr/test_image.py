from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ocr.document import Raster
from ocr.errors import NoPagesError, TooLargeError, TooManyPagesError, TruncatedError
from ocr.image import jpeg
from ocr.load import load
from ocr.types import Carrier, Limits
from tests.ocr.heic import SIDE, heic
from tests.ocr.papers import encoded, picture

LIMITS = Limits()


def dark_corner(raster: Raster) -> str:
    height, width = raster.shape[:2]
    corners = {
        "upper left": raster[height // 10, width // 10],
        "upper right": raster[height // 10, -width // 10],
        "lower left": raster[-height // 10, width // 10],
        "lower right": raster[-height // 10, -width // 10],
    }
    return min(corners, key=lambda name: int(corners[name].sum()))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_every_format_gives_one_rgb_page(form: str) -> None:
    document = load(encoded(picture(), form), "x.dat", LIMITS)
    page = document.pages[0]
    assert document.carrier is Carrier.IMAGE
    assert len(document.pages) == 1
    assert page.raster().shape == (400, 640, 3)
    assert page.raster().dtype == np.uint8
    assert page.pixels == (640, 400)
    assert not page.native
    assert not page.words
    assert dark_corner(page.raster()) == "upper left"


@pytest.mark.parametrize(("orientation", "stored_turn"), [(3, 180), (6, 90), (8, 270)])
def test_a_photo_stands_upright_by_its_exif(orientation: int, stored_turn: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    stored = picture().rotate(stored_turn, expand=True)  # anticlockwise, the viewer turns it back
    page = load(encoded(stored, "JPEG", exif=exif), "x.jpg", LIMITS).pages[0]
    assert page.pixels == (640, 400)
    assert dark_corner(page.raster()) == "upper left"


@pytest.mark.parametrize(
    ("turn", "corner", "shape"),
    [
        (0, "upper left", (400, 640, 3)),
        (90, "upper right", (640, 400, 3)),
        (180, "lower right", (400, 640, 3)),
        (270, "lower left", (640, 400, 3)),
    ],
)
def test_a_turn_is_clockwise(turn: int, corner: str, shape: tuple[int, int, int]) -> None:
    page = load(encoded(picture(), "PNG"), "x.png", LIMITS).pages[0]
    assert page.raster(turn).shape == shape
    assert dark_corner(page.raster(turn)) == corner
    info = page.info(turn)
    assert (info.height, info.width, info.turn) == (shape[0], shape[1], turn)


def test_every_page_of_a_tiff_is_a_page_and_can_be_asked_for_in_any_order() -> None:
    shades = [Image.new("L", (50 + 10 * i, 40), 40 * i) for i in range(5)]
    data = encoded(shades[0], "TIFF", save_all=True, append_images=shades[1:], dpi=(300, 300))
    pages = load(data, "x.tif", LIMITS).pages
    assert [page.pixels for page in pages] == [(50, 40), (60, 40), (70, 40), (80, 40), (90, 40)]
    assert [int(pages[i].raster()[0, 0, 0]) for i in (4, 0, 2, 1, 3)] == [160, 0, 80, 40, 120]
    assert pages[3].dpi == pytest.approx(300)


def test_a_tiff_of_too_many_pages_is_refused() -> None:
    frames = [Image.new("1", (8, 8)) for _ in range(6)]
    data = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    with pytest.raises(TooManyPagesError):
        load(data, "x.tif", Limits(max_pages=5))


def test_a_tiff_of_thumbnails_only_has_no_pages() -> None:
    data = encoded(picture(), "TIFF", tiffinfo={254: 1})
    with pytest.raises(NoPagesError):
        load(data, "x.tif", LIMITS)


def test_a_later_damaged_page_is_a_problem_not_the_end() -> None:
    noise = np.random.default_rng(7).integers(0, 255, (300, 300), np.uint8)
    frames = [Image.fromarray(noise), Image.fromarray(noise.T)]
    data = bytearray(encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw"))
    half = len(data) * 3 // 4
    data[half : half + 4000] = b"\xff" * 4000
    document = load(bytes(data), "x.tif", LIMITS)
    assert [page.index for page in document.pages] == [0]
    assert [problem.code for problem in document.problems] == ["page_unreadable"]
    assert document.problems[0].page == 1


def test_the_second_picture_of_an_animation_is_no_page() -> None:
    frames = [picture(), picture()]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=[Image.new("RGB", (640, 400), "red")])
    assert len(load(data, "x.webp", LIMITS).pages) == 1


def test_transparency_is_paper() -> None:
    clear = Image.new("RGBA", (30, 20), (0, 0, 0, 0))
    assert load(encoded(clear, "PNG"), "x", LIMITS).pages[0].raster().min() == 255


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(np.full((20, 30), 40000, np.uint16)),
        Image.new("1", (30, 20), 1),
        Image.new("P", (30, 20), 0),
        Image.new("LA", (30, 20), (200, 255)),
        Image.new("L", (30, 20), 200),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_becomes_rgb(image: Image.Image) -> None:
    raster = load(encoded(image, "PNG"), "x", LIMITS).pages[0].raster()
    assert raster.shape == (20, 30, 3)


def test_sixteen_bits_keep_their_grey() -> None:
    half = Image.fromarray(np.full((20, 30), 32768, np.uint16))
    assert load(encoded(half, "PNG"), "x", LIMITS).pages[0].raster()[0, 0, 0] in {127, 128}


def test_cmyk_is_read() -> None:
    data = encoded(Image.new("CMYK", (30, 20), (0, 255, 255, 0)), "JPEG")
    red, green, blue = load(data, "x", LIMITS).pages[0].raster()[5, 5]
    assert red > 200
    assert max(green, blue) < 100


@pytest.mark.parametrize(("stated", "expected"), [(300, 300.0), (200, 200.0), (72, None), (96, None), (1, None)])
def test_a_default_resolution_is_unknown(stated: int, expected: float | None) -> None:
    dpi = load(encoded(picture(), "PNG", dpi=(stated, stated)), "x", LIMITS).pages[0].dpi
    assert dpi is expected if expected is None else dpi == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_half_a_picture_is_truncated(form: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    data = encoded(noise, form)
    with pytest.raises(TruncatedError):
        load(data[: len(data) // 2], "x", LIMITS)


def test_a_picture_above_the_pixel_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooLargeError):
        load(encoded(picture(), "PNG"), "x", Limits(max_pixels=640 * 400 - 1))


def test_a_header_of_huge_dimensions_is_refused() -> None:
    data = bytearray(encoded(Image.new("L", (10, 10)), "BMP"))
    data[18:26] = (60_000).to_bytes(4, "little") + (60_000).to_bytes(4, "little")
    with pytest.raises(TooLargeError):
        load(bytes(data), "x", LIMITS)


@pytest.mark.parametrize(("quarters", "corner"), [(0, "upper left"), (1, "lower left"), (3, "upper right")])
def test_a_heic_photo_is_read_and_turned_as_it_says(quarters: int, corner: str) -> None:
    grey = np.full((SIDE, SIDE), 200, np.uint8)
    grey[:4, :4] = 30
    document = load(heic(grey.ravel().tolist(), quarters), "IMG_0001.JPG", LIMITS)
    (page,) = document.pages
    assert document.media_type == "image/heic"
    assert page.raster().shape == (SIDE, SIDE, 3)
    assert dark_corner(page.raster()) == corner


def test_a_damaged_heic_is_truncated() -> None:
    with pytest.raises(TruncatedError):
        load(heic([100] * 256)[:500], "x.heic", LIMITS)
    with pytest.raises(TruncatedError):
        load(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "x.heic", LIMITS)


def test_the_preview_fits_the_asked_side() -> None:
    page = load(encoded(picture(), "PNG"), "x", LIMITS).pages[0]
    small = Image.open(io.BytesIO(jpeg(page.raster(90), 320)))
    assert (small.width, small.height) == (200, 320)
    assert small.format == "JPEG"
