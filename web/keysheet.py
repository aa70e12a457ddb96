"""The keys of the pages, as the sheet behind ``?`` lists them; buttons with a letter add themselves (desk.js)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Key = tuple[str, str]  # what is pressed, the sentence's key

EVERYWHERE: Final[tuple[Key, ...]] = (
    ("?", "keys.sheet"),
    ("F1", "keys.help"),
    ("/", "keys.search"),
    ("↑ ↓", "keys.lines"),
    ("Enter", "keys.open"),
    ("Esc", "keys.close"),
)
_PICTURE: Final[tuple[Key, ...]] = (
    ("← ↑ → ↓", "keys.move_picture"),
    ("+ −", "keys.zoom"),
    ("R", "keys.turn"),
)
_PAPER: Final[tuple[Key, ...]] = (  # the letters stand on the page's buttons
    ("+ − 0", "keys.zoom_fit"),
    (", .", "keys.pages"),
    ("← ↑ → ↓", "keys.move_picture"),
    ("↑ ↓", "keys.fields"),
    ("Enter", "keys.look_closely"),
    ("Shift D", "keys.doubt_before"),
)
_ENTRY: Final[tuple[Key, ...]] = (
    ("Enter", "page.key.enter"),
    ("Ctrl Enter", "page.key.ctrl_enter"),
    ("F2", "page.key.unlock"),
    ("F4", "page.work.skip"),
    ("F8", "page.key.illegible"),
    ("F9", "page.key.take"),
)
OF_PAGES: Final[Mapping[str, tuple[Key, ...]]] = {
    "documents.show": _PAPER,
    "review.paper": (*_ENTRY, *_PICTURE),
    "second.verify": (("Enter", "page.key.enter"), ("F4", "page.work.skip"), *_PICTURE),
    "deciding.decide": _PICTURE,
    "uses.listing": (("X", "page.uses.tick"),),
    "official.show": (("Ctrl Enter", "page.key.ctrl_enter"),),
}


def of_page(endpoint: str | None) -> tuple[Key, ...]:
    """The keys of one page beyond the general ones."""
    return OF_PAGES.get(endpoint or "", ())
