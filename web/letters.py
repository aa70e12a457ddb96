"""Letters to support, prepared: what the paper says, what was found, what was tried, and what is asked (§10.4 masked).

They are written in Chinese whatever the language of the page: sellers and tax bureaus read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from intake.model import Cause, Diagnosis, Invoice
from intake.official.masking import masked, people_of
from intake.official.records import Kept
from intake.official.walk import Addressee, Step, StepName, StepState
from ocr.types import FieldName
from web import present
from web.catalog import Language, text
from web.paper import in_words

_OF_SELLERS: Final = {
    Cause.VOID_OR_RED: "letter.asked.replacement",
    Cause.WRONG_TITLE: "letter.asked.reissue",
    Cause.NOT_DELIVERED_TO_US: "letter.asked.reissue",
}
_DOUBTS: Final = frozenset({Cause.SUSPECTED_FORGERY_OR_ALTERATION})  # never said of a paper to others
_TOLD: Final = frozenset({StepName.STATUS, StepName.IMPORT})
_SAID: Final = frozenset({StepState.DONE, StepState.TODO, StepState.WAITING})


def letter(
    to: Addressee,
    invoice: Invoice,
    diagnosis: Diagnosis,
    *,
    receipt: str,
    steps: tuple[Step, ...] = (),
    history: tuple[Kept, ...] = (),
    now: datetime,
) -> str:
    """The text of a case, lines ended by a newline, people's data masked."""
    lines = [
        _zh("letter.subject", number=invoice.value(FieldName.NUMBER) or "–"),
        _zh("letter.to", to=_zh(f"addressee.{to.value}")),
        "",
        _zh("letter.paper"),
        f"  {_zh('filter.kind')}：{_zh(f'kind.{invoice.kind.value}')}",
        *_values(invoice),
        f"  {_zh('bill.receipt')}：{receipt}",
        "",
        _zh("letter.trouble"),
        f"  {_zh('letter.doubt') if diagnosis.cause in _DOUBTS else _zh(f'cause.{diagnosis.cause.value}')}。",
        *(f"  · {_zh(f'evidence.{one.code}', **in_words(one.params, Language.ZH))}" for one in diagnosis.evidence),
        "",
        _zh("letter.tried", at=present.moment(now)),
        *(
            f"  · {_zh(f'step.{one.name.value}')}：{_step(one)}"
            for one in steps
            if one.name in _TOLD and one.state in _SAID
        ),
        *(
            f"  · {present.moment(one.verification.at)} {_zh(f'site.{one.verification.site}')}："
            f"{_zh(f'official.{one.verification.outcome.value}')}"
            for one in history
        ),
        "",
        _zh("letter.asked"),
        f"  {_zh(_request(to, diagnosis.cause))}",
    ]
    return masked("\n".join(lines) + "\n", people_of(invoice))


def _request(to: Addressee, cause: Cause) -> str:
    """Key of what the addressee is asked; a seller is asked for what the cause needs."""
    special = _OF_SELLERS.get(cause, "") if to is Addressee.SELLER else ""
    return special or f"letter.asked.{to.value}"


def _values(invoice: Invoice) -> Iterator[str]:
    for name in present.TOLD:
        value = invoice.value(name)
        if value:
            yield f"  {_zh(f'field.{name.value}')}：{present.field_value(name, value)}"


def _step(step: Step) -> str:
    return _zh(f"step.{step.name.value}.{step.why}", **step_words(step, Language.ZH))


def step_words(step: Step, language: Language) -> dict[str, object]:
    """The parameters of a step's sentence as they are shown."""
    shown: dict[str, object] = {}
    for name, value in step.params.items():
        if isinstance(value, datetime):
            shown[name] = (
                present.clock(value)[:5] if step.name is StepName.STATUS and name == "at" else present.moment(value)
            )
        elif not isinstance(value, str):
            shown[name] = present.day(value)
        elif name in _GROUPS:
            shown[name] = text(language, f"{_GROUPS[name]}.{value}")
        else:
            shown[name] = value
    return shown


_GROUPS: Final = {"to": "addressee", "outcome": "official"}


def _zh(key: str, **params: object) -> str:
    return text(Language.ZH, key, **params)
