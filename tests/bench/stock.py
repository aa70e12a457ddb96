"""The readers that stand beside this product in a bench, each as it comes and on one thread.

Those that the product's own environment cannot hold are installed into folders of their own under `build/bench-env`,
without their dependencies where ours serve as well.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

Found = Callable[[str, str], bool]
Finder = Callable[[Path], Found]
"""Reads a file and answers whether a field of the truth with a value was found."""

PLACE: Final = Path("build/bench-env")
PACKAGES: Final = {
    "ppocrv4": ("rapidocr-onnxruntime==1.4.4", "pyclipper>=1.3", "shapely>=2", "pyyaml>=6", "six"),
    "invoice2data": ("invoice2data==1.0.1", "pyyaml>=6", "python-dateutil>=2.8", "regex", "six"),
}
TEMPLATE: Final = """
issuer: 发票
keywords: ['发票']
exclude_keywords: []
input_module: pdfium
fields:
  code: {parser: regex, regex: '(?<!\\d)(\\d{12}|\\d{10})(?!\\d)'}
  number: {parser: regex, regex: '(?<!\\d)(\\d{8}|\\d{20})(?!\\d)'}
  date: {parser: regex, regex: '(\\d{4}\\s*年\\s*\\d{2}\\s*月\\s*\\d{2}\\s*日)'}
  check_code: {parser: regex, regex: '(\\d{5} \\d{5} \\d{5} \\d{5})'}
  names: {parser: regex, regex: '(?m)^(?:名\\s*称\\s*[:：]\\s*)?(\\S*(?:公司|中心|店|馆|局|站))$'}
  tax_ids: {parser: regex, regex: '(?<![0-9A-Z])([0-9A-Z]{18})(?![0-9A-Z])'}
  amounts: {parser: regex, regex: '[¥￥]\\s*([\\d,]+\\.\\d\\d)'}
options: {currency: CNY, languages: [zh], decimal_separator: '.'}
required_fields: [amounts]
"""
"""What a user of invoice2data would write for VAT invoices: the text gives labels first and values later, so by shape."""


def environment(name: str) -> None:
    """Puts the packages of `name` on the path of this process, installed first where they are missing."""
    folder = PLACE / name
    if not (folder / ".ready").exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, "--upgrade", "--target", str(folder), *PACKAGES[name]], check=True)
        (folder / ".ready").touch()
    sys.path.append(str(folder))  # behind ours: only what we lack is taken from there


def rapidocr() -> Finder:
    from rapidocr import RapidOCR  # noqa: PLC0415  # each engine is loaded in its own process only

    threads = {f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})
    return lambda path: in_text("".join(getattr(engine(picture(path)[:, :, ::-1]), "txts", None) or ()))


def ppocrv4() -> Finder:
    environment("ppocrv4")
    engine = import_module("rapidocr_onnxruntime").RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    return lambda path: in_text("".join(text for _, text, _ in engine(picture(path)[:, :, ::-1])[0] or ()))


def tesseract() -> Finder:
    import pytesseract  # noqa: PLC0415

    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # noqa: TID251  # of the program that is started
    return lambda path: in_text(pytesseract.image_to_string(picture(path), lang="chi_sim", config="--psm 6"))


def invoice2data() -> Finder:
    environment("invoice2data")
    folder = PLACE / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fapiao.yml").write_text(TEMPLATE, encoding="utf-8")
    extract = import_module("invoice2data").extract_data
    logging.disable(logging.CRITICAL)  # it says for each field what it did not find
    templates = import_module("invoice2data.extract.loader").read_templates(str(folder))

    def find(path: Path) -> Found:
        said = extract(str(path), templates=templates)
        return in_text(json.dumps(said, ensure_ascii=False, default=str) if said else "")

    return find


def picture(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """RGB, as the camera held it."""
    with Image.open(path) as opened:
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), np.uint8)


def in_text(text: str) -> Found:
    """A field counts as found when its value stands anywhere in the text."""
    plain = squeezed(text)
    return lambda field, value: any(way in plain for way in spellings(field, value))


def spellings(field: str, value: str) -> tuple[str, ...]:
    """How a paper may print a value of the truth."""
    if field != "date":
        return (squeezed(value),)
    year, month, day = value.split("-")
    return (f"{year}年{month}月{day}日", f"{year}-{month}-{day}", f"{year}{month}{day}", f"{year}.{month}.{day}")


def squeezed(text: str) -> str:
    """One spelling: NFKC, no blanks, no thousands marks, upper case."""
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).upper()
