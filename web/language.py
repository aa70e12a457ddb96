"""The language of this request: Chinese unless the person switched."""

from __future__ import annotations

from flask import has_request_context, session

from web.catalog import Language, has, text


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


def say(code: str) -> str:
    """The sentence of an error or a refusal with its remedy; a code nobody foresaw says that something went wrong."""
    if has(f"refusal.{code}") and not has(f"error.{code}"):
        return t("refusal_said", reason=t(f"refusal.{code}"))
    if has(f"other.{code}"):
        gap = "" if language() is Language.ZH else " "
        return t("error.other", what=t(f"other.{code}")) + gap + t("error.other.remedy")
    known = code if has(f"error.{code}") else "error"
    gap = "" if language() is Language.ZH else " "
    return t(f"error.{known}") + gap + t(f"error.{known}.remedy")


def short(code: str) -> str:
    """Why a file was rejected, in a few words."""
    for group in ("error", "refusal"):
        if has(f"{group}.{code}"):
            return t(f"{group}.{code}")
    return t(f"other.{code}") if has(f"other.{code}") else t("error.error")
