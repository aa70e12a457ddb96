"""Symbols that no decoder reads: their build, the payload inferred from unsure modules, and what is never claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import segno
import segno.consts
from numpy.typing import NDArray

from ocr import correct, grid, retouch
from ocr.rules import payload
from ocr.symbol import BLOCKS, Level, fixed
from ocr.symbols import Square
from ocr.types import CrcState
from tests.ocr import drawn

Grid = NDArray[np.float32]
LEVELS = {Level.L: "L", Level.M: "M", Level.Q: "Q", Level.H: "H"}


def modules(text: str, level: str = "M", mask: int | None = None) -> Grid:
    code = segno.make_qr(text, error=level, boost_error=False, mask=mask)
    return np.array([list(row) for row in code.matrix], np.float32) * 2 - 1


def unsure(clean: Grid, spread: float, seed: int) -> Grid:
    return clean + np.random.default_rng(seed).normal(0, spread, clean.shape).astype(np.float32)


@pytest.mark.parametrize(("version", "level"), sorted(BLOCKS))
def test_the_blocks_are_those_of_the_standard(version: int, level: Level) -> None:
    names: dict[str, Any] = vars(segno.consts)
    parts = names["ECC"][version][names[f"ERROR_LEVEL_{LEVELS[level]}"]]
    data = tuple(part.num_data for part in parts for _ in range(part.num_blocks))
    assert BLOCKS[version, level] == (data, parts[0].num_total - parts[0].num_data)


@pytest.mark.parametrize("version", range(1, 9))
def test_every_symbol_shows_the_fixed_modules_of_its_version(version: int) -> None:
    code = segno.make_qr("1", version=version, error="L")
    made = np.array([list(row) for row in code.matrix], np.float32) * 2 - 1
    assert (fixed(version) * made >= 0).all()


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("mask", range(8))
@pytest.mark.parametrize("digital", [True, False])
def test_sure_modules_give_their_payload(level: str, mask: int, *, digital: bool) -> None:
    text = drawn.invoice_text(mask, digital=digital)
    clean = modules(text, level, mask)
    if len(clean) <= 17 + 4 * correct.VERSIONS[-1]:
        assert correct.text_of(clean) == text
        assert correct.likeness(clean) > 0.9


@pytest.mark.parametrize("variant", sorted(payload.VARIANTS))
def test_every_checksum_in_use_is_accepted(variant: str) -> None:
    text = payload.encode("32", " ", "24337000000194723635", "5.35", "20241228", " ", variant)
    assert correct.text_of(modules(text)) == text


def test_every_fifteenth_module_may_be_wrong_at_random() -> None:
    text = drawn.invoice_text(1)
    clean = modules(text)
    grids = [unsure(clean, 0.7, seed) for seed in range(5)]
    assert min(float((made * clean < 0).mean()) for made in grids) > 1 / 15
    assert [correct.text_of(made) for made in grids] == [text] * 5


def test_a_quarter_of_the_symbol_may_be_covered() -> None:
    text = drawn.invoice_text(2)
    covered = modules(text)
    half = len(covered) // 2
    covered[half:, half:] = 0
    assert correct.text_of(covered) == text


def test_a_thick_pen_may_cross_the_symbol() -> None:
    text = drawn.invoice_text(3, digital=False)
    crossed = modules(text)
    for row in range(len(crossed)):
        crossed[row, max(0, row - 1) : row + 2] = 1
    assert correct.text_of(crossed) == text


def test_chance_is_never_taken_for_an_invoice() -> None:
    for seed in range(30):
        chance = np.random.default_rng(seed).normal(0, 1, (33, 33)).astype(np.float32)
        assert correct.text_of(chance) is None
        assert correct.likeness(chance) < correct.LIKENESS


def test_a_payload_whose_checksum_does_not_fit_is_not_claimed() -> None:
    text = drawn.invoice_text(1)
    altered = text.replace(",20240528,", ",20240529,")
    parsed = payload.parse(altered)
    assert parsed is not None
    assert parsed.crc is CrcState.FAIL
    assert correct.text_of(modules(altered)) is None


@pytest.mark.parametrize("text", ["https://qr.alipay.com/fkx00000000000000000000", "0302022110900209" * 4])
def test_another_code_is_not_claimed(text: str) -> None:
    assert correct.text_of(modules(text)) is None


def test_a_symbol_too_small_or_too_large_for_an_invoice_is_left() -> None:
    assert correct.text_of(np.ones((21, 21), np.float32)) is None
    assert correct.likeness(np.ones((61, 61), np.float32)) == 0


def test_the_frame_finds_the_modules_of_a_slanted_symbol() -> None:
    text = drawn.invoice_text()
    page = drawn.aslant(drawn.with_symbol(drawn.busy_page(), drawn.symbol(text, 200), x=700, y=40))
    crop = retouch.cut(page, Square(765, 168, 190), 1.0)
    flat = grid.flattened(crop.grey, retouch.SYMBOL)
    texts = {correct.text_of(made) for fit in grid.fits(flat) for made in grid.grids(flat, fit)}
    assert text in texts


def test_no_symbol_is_laid_over_text_or_nothing() -> None:
    page = drawn.busy_page()
    for place in (Square(600, 500, 150), Square(900, 100, 150)):
        assert grid.fits(grid.flattened(retouch.cut(page, place, 1.0).grey, retouch.SYMBOL)) == []
