"""Both languages are whole: nothing unused, no Chinese outside the catalogues, no English left standing in the Chinese one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.test_translations import GROUPS
from web.catalog import Language, sentences

ROOT = Path(__file__).parents[2]
ZH, EN = sentences(Language.ZH), sentences(Language.EN)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
# What is the same in every language: names of formats and products, settings, codes, keys and units.
SAME_EVERYWHERE = re.compile(
    r"pip install \w+|\b[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*\b|\{\w*\}|\b[a-z]+[-.][a-z0-9.-]+\b|:\w+|\w+_\w+|https?\S*"
)


def sources() -> str:
    """Everything that can ask for a sentence."""
    places = [*(ROOT / "web").rglob("*.html"), *(ROOT / "web").rglob("*.py"), *(ROOT / "intake").rglob("*.py")]
    places += [*(ROOT / "ocr").rglob("*.py"), *(ROOT / "web" / "static").glob("*.js")]
    return "\n".join(place.read_text("utf-8") for place in places if "vendor" not in place.parts)


def test_no_sentence_is_left_that_nobody_asks_for() -> None:
    """A key is asked for as it is, by a prefix (``'cause.' ~ …``, ``f"cause.{…}"``), or between prefix and end."""
    text = sources()
    exact = set(re.findall(r"""["']([a-z][\w]*(?:\.\w+)*)["']""", text))
    prefixes = set(re.findall(r"""["']([a-z]\w*(?:\.\w+)*\.)["']\s*~""", text))
    prefixes |= set(re.findall(r"""["']([a-z]\w*(?:\.\w+)*[._])\{""", text))
    prefixes |= set(re.findall(r"""["']([a-z]\w*(?:\.\w+)+[_M])["']\s*~""", text))
    prefixes |= {f"{group}." for group in GROUPS} | {"match.M", "repair_short.", "known."}
    ends = tuple({".why", ".help", ".remedy", *re.findall(r"""~\s*["'](\.\w+)["']""", text)})
    unused = {
        key
        for key in ZH
        if key not in exact
        and not any(key.startswith(prefix) for prefix in prefixes)
        and not (key.endswith(ends) and key.rpartition(".")[0] in exact)
        and key.partition(".")[0] not in {"error", "cause", "next", "field"}
    }
    assert unused == set()


@pytest.mark.parametrize("place", sorted((ROOT / "web" / "templates").rglob("*.html")), ids=lambda place: place.name)
def test_templates_hold_no_chinese_of_their_own(place: Path) -> None:
    assert CHINESE.findall(COMMENT.sub("", place.read_text("utf-8"))) == []


def test_scripts_hold_no_chinese_of_their_own() -> None:
    for place in (ROOT / "web" / "static").glob("*.js"):
        lines = [line for line in place.read_text("utf-8").splitlines() if not line.lstrip().startswith("//")]
        assert CHINESE.findall("\n".join(lines)) == [], place.name


def test_the_chinese_catalogue_is_chinese() -> None:
    """Three English words in a row, or a sentence without any Chinese character, were forgotten."""
    left = {
        key: said
        for key, said in ZH.items()
        if re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", SAME_EVERYWHERE.sub("", said))
        or (not CHINESE.search(said) and re.search(r"[a-z]{3,}", SAME_EVERYWHERE.sub("", said)))
    }
    assert left == {}
