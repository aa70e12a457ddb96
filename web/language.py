"""The language of this request: Chinese unless the person switched."""

from __future__ import annotations

from flask import has_request_context, session

from web.catalog import Language, text


def language() -> Language:
    """The language of the person who looks."""
    chosen = session.get("language") if has_request_context() else None
    return Language.EN if chosen == Language.EN else Language.ZH


def choose(value: str) -> None:
    """Remember a language; anything unknown is Chinese."""
    session["language"] = Language.EN.value if value == Language.EN else Language.ZH.value


def t(key: str, /, **params: object) -> str:
    """The sentence of a key in the language of the request."""
    return text(language(), key, **params)
