"""Help: a short page for each cause, next step, field and error, opened by F1 from the place; and their index.

A topic is ``<subject>.<code>``, as in ``cause.duplicate``. Its title and first sentences are those of the pages
(`translations`), the paragraphs below them stand in ``help/zh.toml`` and ``help/en.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from flask import Blueprint, render_template, request

from intake.errors import NotFoundError
from intake.model import Cause, NextStep
from ocr.types import FieldName
from web.catalog import Language, has, sentences, text
from web.language import language
from web.security import signed_in

pages = Blueprint("helping", __name__)
SUBJECTS: Final = ("cause", "next", "field", "error")
END: Final = ".remedy"


@dataclass(frozen=True, slots=True)
class Help:
    """One help page in one language."""

    topic: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Which of :data:`SUBJECTS` it belongs to."""
        return self.topic.partition(".")[0]

    def mentions(self, words: list[str]) -> bool:
        """Whether every word stands somewhere in it; capitals do not matter."""
        everything = "\n".join((self.title, *self.paragraphs)).casefold()
        return all(word in everything for word in words)


def topics() -> tuple[str, ...]:
    """Everything that has a help page: the causes, next steps and fields of the model, and every error with a remedy."""
    errors = sorted(
        key.removesuffix(END) for key in sentences(Language.ZH) if key.startswith("error.") and key.endswith(END)
    )
    return (
        *(f"cause.{cause.value}" for cause in Cause),
        *(f"next.{step.value}" for step in NextStep),
        *(f"field.{name.value}" for name in FieldName),
        *errors,
    )


@cache
def written(chosen: Language) -> Mapping[str, str]:
    """The texts of a language's file by topic."""
    source = resources.files("web") / "help" / f"{chosen.value}.toml"
    found: dict[str, dict[str, str]] = tomllib.loads(source.read_text("utf-8"))
    return {f"{subject}.{code}": said for subject, codes in found.items() for code, said in codes.items()}


@cache
def page_of(topic: str, chosen: Language) -> Help:
    """The help page of a topic."""
    lead = [text(chosen, f"{topic}{end}") for end in (".why", ".help", END) if has(f"{topic}{end}")]
    body = [line for line in written(chosen).get(topic, "").splitlines() if line]
    title = text(chosen, topic, what=text(chosen, "help.something"))
    return Help(topic, title, (*lead, *body))


@pages.get("/help")
@signed_in
def index() -> str:
    """All topics by subject, or those in which the words asked for stand."""
    asked = request.args.get("q", "").strip()
    words = asked.casefold().split()
    found = [page for page in (page_of(topic, language()) for topic in topics()) if page.mentions(words)]
    groups = [(subject, [page for page in found if page.subject == subject]) for subject in SUBJECTS]
    return render_template("help.html", groups=[group for group in groups if group[1]], asked=asked)


@pages.get("/help/<topic>")
@signed_in
def show(topic: str) -> str:
    """One topic as a page, or as the sheet that F1 opens."""
    if topic not in topics():
        raise NotFoundError(topic)
    template = "parts/help.html" if "X-Intake-Sheet" in request.headers else "help_topic.html"
    return render_template(template, help=page_of(topic, language()))
