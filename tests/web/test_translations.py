"""Both catalogues are complete: every key a page, an enumeration or a rule can ask for has its sentence in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from string import Formatter

import pytest

from intake import checks, errors, model, review
from intake.model import (
    Agreement,
    Cause,
    Channel,
    CompanyChange,
    Direction,
    DocumentState,
    Doubt,
    InvoiceState,
    Judgement,
    Level,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    RegisterStatus,
    Role,
    Slip,
    SourceHealth,
    System,
    TaskState,
)
from intake.risk import Control, Ground
from ocr import engines
from ocr.errors import REASONS
from ocr.types import CodeMeaning, FieldName, Kind, Source
from web.catalog import Language, has, sentences, text
from web.errors import HTTP_CODES
from web.second import REFUSALS

ROOT = Path(__file__).parents[2]
ZH, EN = sentences(Language.ZH), sentences(Language.EN)

GROUPS: dict[str, Iterable[type[Enum]]] = {
    "state": (DocumentState, InvoiceState),
    "task": (TaskState,),
    "level": (Level,),
    "role": (Role,),
    "channel": (Channel,),
    "company_change": (CompanyChange,),
    "kind": (Kind,),
    "field": (FieldName,),
    "source": (Source,),
    "code": (CodeMeaning,),
    "proof": (Proof,),
    "proof_short": (Proof,),
    "doubt": (Doubt,),
    "doubt_short": (Doubt,),
    "cause": (Cause,),
    "next": (NextStep,),
    "agreement": (Agreement,),
    "register_status": (RegisterStatus,),
    "slip": (Slip,),
    "judgement": (Judgement,),
    "source_health": (SourceHealth,),
    "direction": (Direction,),
    "system": (System,),
    "official": (OfficialOutcome,),
    "requirement": (review.Requirement,),
    "ground": (Ground,),
    "control_short": (Control,),
}


def literals(folder: Path, call: str, position: int = 0) -> Iterator[str]:
    """The literal texts given to a call anywhere in the Python files of a folder."""
    for place in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(place.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) <= position:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            value = node.args[position]
            if name == call and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_both_languages_have_the_same_keys_and_parameters() -> None:
    assert ZH.keys() == EN.keys()
    for key, sentence in ZH.items():
        assert parameters(sentence) == parameters(EN[key]), key
        assert sentence.strip(), key
        assert EN[key].strip(), key


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_key_that_a_page_names_exists() -> None:
    missing = set()
    for place in (ROOT / "web" / "templates").rglob("*.html"):
        page = place.read_text("utf-8")
        for key in re.findall(r"\bt\('([^']+)'(?=[,)])", page):
            if key not in ZH:
                missing.add((place.name, key))
        for prefix in re.findall(r"\bt\('([^']+\.)' ~", page):
            if not any(key.startswith(prefix) for key in ZH):
                missing.add((place.name, prefix))
        for code in re.findall(r"\bsay\('([^']+)'\)", page):
            if f"error.{code}" not in ZH:
                missing.add((place.name, code))
    assert missing == set()


def test_every_key_that_the_code_names_exists() -> None:
    assert {key for key in literals(ROOT / "web", "t") if key not in ZH} == set()


@pytest.mark.parametrize(("group", "enum"), [(group, enum) for group, enums in GROUPS.items() for enum in enums])
def test_every_value_of_an_enumeration_has_its_word(group: str, enum: type[Enum]) -> None:
    assert {value.value for value in enum if not has(f"{group}.{value.value}")} == set()


def test_causes_say_why_and_matches_how_strong() -> None:
    assert all(has(f"cause.{cause.value}.why") for cause in Cause)
    assert all(has(f"match.M{level.value}") for level in MatchLevel)


def test_every_finding_and_every_evidence_has_its_sentence() -> None:
    assert {code for code in checks.CODES if not has(f"finding.{code}")} == set()
    named = set(literals(ROOT / "intake", "Evidence"))
    assert {code for code in named if not has(f"evidence.{code}")} == set()


def test_every_reason_and_error_has_its_sentence_and_remedy() -> None:
    codes = {*REASONS, *HTTP_CODES.values(), "not_an_invoice", "sign_in_needed", "stale_form", "error"}
    codes |= {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    assert {code for code in codes if not (has(f"error.{code}") and has(f"error.{code}.remedy"))} == set()
    assert {reason for reason in REFUSALS if not has(f"refusal.{reason}")} == set()


def test_every_act_in_the_audit_log_is_told_in_words() -> None:
    acts = {*literals(ROOT / "intake", "Event"), *literals(ROOT / "intake", "record", 2)}
    assert {act for act in acts if not has(f"event.{act}")} == set()


def test_every_missing_part_says_what_is_weaker() -> None:
    assert {part.weaker for part in engines.available() if not has(f"weaker.{part.weaker}")} == set()


def test_every_note_of_the_reader_has_its_sentence() -> None:
    assert {code for code in literals(ROOT / "ocr", "Problem") if not has(f"problem.{code}")} == set()


def test_a_missing_sentence_or_parameter_does_not_break_a_page() -> None:
    assert text(Language.ZH, "no.such.key") == "no.such.key"
    assert text(Language.EN, "page.document.pages", other=1) == "– pages"


def test_chinese_sentences_use_chinese_punctuation() -> None:
    wrong = {key for key, sentence in ZH.items() if re.search(r"[㐀-鿿][,;:?!]|[,;:?!][㐀-鿿]", sentence)}
    assert wrong == set()


def test_no_enumeration_of_the_model_is_forgotten() -> None:
    shown = {enum for enums in GROUPS.values() for enum in enums} | {MatchLevel, Cause}
    own = {kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, Enum)}
    assert {kind for kind in own if kind.__module__ == model.__name__} <= shown
