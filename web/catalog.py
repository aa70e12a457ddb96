"""The sentences of the pages in Chinese and English: `translations/zh.json` and `en.json`, flat, keyed by code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum, unique
from functools import cache
from importlib import resources

import structlog

log = structlog.get_logger()


@unique
class Language(StrEnum):
    """The languages of the pages; Chinese comes first."""

    ZH = "zh"
    EN = "en"


@cache
def sentences(language: Language) -> Mapping[str, str]:
    """Every sentence of a language by its key."""
    source = resources.files("web") / "translations" / f"{language.value}.json"
    found: dict[str, str] = json.loads(source.read_text("utf-8"))
    return found


def has(key: str) -> bool:
    """Whether there is a sentence for a key."""
    return key in sentences(Language.ZH)


def text(language: Language, key: str, /, **params: object) -> str:
    """The sentence of a key with its parameters put in.

    A missing sentence shows its key and is logged: a page never fails for want of words
    (`tests/web/test_translations.py` keeps both catalogues complete).
    """
    sentence = sentences(language).get(key)
    if sentence is None:
        log.warning("no sentence", key=key, language=language.value)
        return key
    if not params:
        return sentence
    return sentence.format_map(_Shown(params))


class _Shown(dict[str, object]):
    """Parameters of a sentence; one that is missing shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
