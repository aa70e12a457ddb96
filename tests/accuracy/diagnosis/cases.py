"""Families of labelled cases: what is wrong is put in, so the label is known before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from intake.model import (
    Cause,
    Direction,
    Invoice,
    MatchLevel,
    OfficialOutcome,
    RegisterStatus,
    SourceHealth,
    System,
    Verification,
)
from intake.slips import next_numbers
from ocr.rules.taxid import repairs
from ocr.types import FieldName, Kind, Sheets, Source
from tests.accuracy.diagnosis.slips import ONE_PLACE, confused, day_and_month
from tests.accuracy.diagnosis.world import BUREAU, DIGITAL, NOW, OLD, TODAY, Case, Truth, World, seen

F, L = FieldName, MatchLevel
Family = Callable[[World], Case]
NEVER: Final = (
    Kind.TAXI, Kind.QUOTA, Kind.COACH, Kind.TRAIN_PAPER, Kind.AIR_PAPER, Kind.FISCAL, Kind.MACHINE_GENERAL, Kind.BLOCKCHAIN,
)  # fmt: skip
_WEEK: Final = timedelta(days=7)


# --- no person is needed, or the paper joins its first record --------------------------------------------------------


def agrees(world: World) -> Case:
    """Read rightly and in the register."""
    truth = world.issue(here=True)
    return Case("agrees", seen(truth), None, L.M0, truth.key)


def agrees_by_code(world: World) -> Case:
    """Read with one slip that its code mends."""
    truth = world.issue(here=True)
    wrong = confused(world.inventor.chance, truth.number[:-2]) + truth.number[-2:]
    return Case("agrees_by_code", seen(truth, {F.NUMBER: wrong}, code=truth), None, L.M0, truth.key)


def code_of_a_neighbour(world: World) -> Case:
    """The face names an invoice next to that of the code: both may lie on one sheet, so nobody takes the code for it."""
    truth = world.issue(here=True)
    wrong = truth.number[:-1] + confused(world.inventor.chance, truth.number[-1])
    case = seen(truth, {F.NUMBER: wrong}, code=truth)
    return Case("code_of_a_neighbour", case, Cause.QR_OCR_CONFLICT, L.M0, truth.key)


def known_again(world: World) -> Case:
    """A second picture of what is on file."""
    truth = world.issue(here=True)
    world.on_file.append(truth)
    return Case("known_again", seen(truth), None)


# --- what the paper is ------------------------------------------------------------------------------------------------


def list_page(world: World) -> Case:
    kind = world.inventor.pick((Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER))
    return Case("list_page", replace(seen(world.issue()), kind=kind, fields={}), Cause.NOT_AN_INVOICE)


def never_there(world: World) -> Case:
    values = seen(world.issue(OLD))
    return Case("never_there", replace(values, kind=world.inventor.pick(NEVER)), Cause.TYPE_NEVER_IN_REGISTER)


def known_with_other_values(world: World) -> Case:
    truth = world.issue(here=True)
    world.on_file.append(truth)
    changed = world.inventor.pick(
        ({F.NET: f"{truth.net + 100:.2f}", F.TOTAL: f"{truth.total + 100:.2f}"}, {F.DATE: "2022-02-02"})
    )
    return Case("known_with_other_values", seen(truth, changed), Cause.DUPLICATE, L.M1, truth.key)


def pages_missing(world: World) -> Case:
    truth = world.issue()
    return Case("pages_missing", seen(truth, sheets=Sheets(3, (1, 3))), Cause.PAGES_MISSING)


# --- misread and mistyped ------------------------------------------------------------------------------------------------


def number_with_a_slip(world: World) -> Case:
    truth = world.issue(here=True)
    wrong = world.inventor.pick(ONE_PLACE)(world.inventor.chance, truth.number)
    return Case("number_with_a_slip", _typed(truth, {F.NUMBER: wrong}), Cause.TRANSCRIPTION_ERROR, L.M2, truth.key)


def code_with_a_slip(world: World) -> Case:
    truth = world.issue(OLD, here=True)
    wrong = world.inventor.pick(ONE_PLACE)(world.inventor.chance, truth.code)
    return Case("code_with_a_slip", _typed(truth, {F.CODE: wrong}), Cause.TRANSCRIPTION_ERROR, L.M2, truth.key)


def slip_and_unread_amount(world: World) -> Case:
    """Date and seller are enough beside a number one slip away."""
    truth = world.issue(here=True)
    wrong = confused(world.inventor.chance, truth.number)
    gone = {F.NUMBER: wrong, F.NET: None, F.TAX: None, F.TOTAL: None}
    return Case("slip_and_unread_amount", seen(truth, gone), Cause.TRANSCRIPTION_ERROR, L.M2, truth.key)


def number_of_the_next(world: World) -> Case:
    """连号 where a digit is carried: the next invoice's number was copied."""
    while True:
        truth = world.issue(OLD)
        number = f"{int(truth.number) // 100:06d}99"
        if next_numbers(number):
            break
    truth = world.enter(replace(truth, number=number))
    case = seen(truth, {F.NUMBER: next_numbers(number)[-1]})
    return Case("number_of_the_next", case, Cause.TRANSCRIPTION_ERROR, L.M2, truth.key)


def exchanged(world: World) -> Case:
    truth = world.issue(OLD, here=True)
    paper = _typed(truth, {F.CODE: truth.number, F.NUMBER: truth.code})
    return Case("exchanged", paper, Cause.TRANSCRIPTION_ERROR, L.M3, truth.key)


def code_not_read(world: World) -> Case:
    truth = world.issue(OLD, here=True)
    return Case("code_not_read", seen(truth, {F.CODE: None}), Cause.TRANSCRIPTION_ERROR, L.M3, truth.key)


def number_not_read(world: World) -> Case:
    truth = world.issue(here=True)
    unread = seen(truth, {F.NUMBER: None, F.CODE: None})
    return Case("number_not_read", unread, Cause.TRANSCRIPTION_ERROR, L.M4, truth.key)


def amount_with_a_slip(world: World) -> Case:
    truth = world.issue(here=True)
    ten = {F.NET: f"{truth.net * 10:.2f}", F.TAX: f"{truth.tax * 10:.2f}", F.TOTAL: f"{truth.total * 10:.2f}"}
    changed = world.inventor.pick(
        (ten, {F.NET: f"{truth.total:.2f}"}, {F.TOTAL: f"{truth.net:.2f}"}, {F.TOTAL: f"{truth.total * 100:.2f}"})
    )
    return Case("amount_with_a_slip", seen(truth, changed), Cause.TRANSCRIPTION_ERROR, L.M1, truth.key)


def day_with_a_slip(world: World) -> Case:
    truth = world.issue(DIGITAL, world.near_day(), here=True)
    day = world.inventor.pick((day_and_month(truth.date), truth.date + timedelta(days=1)))
    changed = {F.DATE: day.isoformat()}
    return Case("day_with_a_slip", seen(truth, changed), Cause.TRANSCRIPTION_ERROR, L.M1, truth.key)


def seller_with_a_slip(world: World) -> Case:
    truth = world.issue(here=True)
    head, tail = truth.seller.tax_id[:-4], truth.seller.tax_id[-4:]
    wrong = head + confused(world.inventor.chance, "".join(tail)) if any(map(str.isdigit, tail)) else head + tail[::-1]
    if wrong == truth.seller.tax_id:
        return seller_with_a_slip(world)
    return Case("seller_with_a_slip", seen(truth, {F.SELLER_TAX_ID: wrong}), Cause.TRANSCRIPTION_ERROR, L.M1, truth.key)


def check_that_fails(world: World) -> Case:
    """Not in the register, and the values contradict each other: they are mended before anything else is said."""
    truth = world.issue()
    wrong = confused(world.inventor.chance, truth.seller.tax_id)
    changed = world.inventor.pick(
        ({F.TAX: f"{truth.tax + 1:.2f}"}, {F.SELLER_TAX_ID: wrong}, {F.DATE: f"{truth.date.year - 1}-06-01"})
    )
    if wrong in repairs(wrong) or (F.DATE in changed and truth.kind in OLD):
        return check_that_fails(world)
    return Case("check_that_fails", seen(truth, changed), Cause.TRANSCRIPTION_ERROR)


def twin(world: World) -> Case:
    """Two invoices of one seller, day and amount, one digit apart: a misread number names the wrong one, all else agrees."""
    truth = world.issue(DIGITAL, here=True)
    other = world.enter(replace(truth, number=truth.number[:-1] + str((int(truth.number[-1]) + 5) % 10)))
    return Case("twin", seen(truth, {F.NUMBER: other.number}), Cause.TRANSCRIPTION_ERROR, L.M0, other.key)


def number_of_another(world: World) -> Case:
    """A misread number that is another seller's invoice; the right row is a slip away."""
    truth = world.issue(DIGITAL, here=True)
    wrong = confused(world.inventor.chance, truth.number[:5] + truth.number[5:])
    if wrong[:4] != truth.number[:4]:
        return number_of_another(world)
    world.enter(replace(world.issue(DIGITAL), number=wrong, date=truth.date + timedelta(days=9)))
    return Case("number_of_another", seen(truth, {F.NUMBER: wrong}), Cause.TRANSCRIPTION_ERROR, L.M1, truth.key)


def denied_but_only_read(world: World) -> Case:
    answer = _asked(OfficialOutcome.INCONSISTENT)
    return Case("denied_but_only_read", seen(world.issue()), Cause.TRANSCRIPTION_ERROR, official=(answer,))


def code_against_face(world: World) -> Case:
    """The code is whole and says another day than was read; a misread face, whether the register has it or not."""
    truth = world.issue(DIGITAL, here=world.inventor.pick((True, False)))
    wrong = truth.date + timedelta(days=40 if truth.date.month < 11 else -40)
    case = seen(truth, {F.DATE: wrong.isoformat()}, code=truth)
    level = L.M0 if truth.key in world.register else None
    return Case("code_against_face", case, Cause.QR_OCR_CONFLICT, level, truth.key if level is not None else "")


# --- why the register has no row -----------------------------------------------------------------------------------------


def not_reached(world: World) -> Case:
    day = TODAY - timedelta(days=world.inventor.chance.randrange(30))
    truth = world.issue(DIGITAL, day)
    old = replace(BUREAU, newest_issue=day - timedelta(days=1))
    early = replace(BUREAU, newest_issue=day, imported_at=NOW - timedelta(days=60))
    sources = world.inventor.pick(((old,), (early,), (replace(BUREAU, failed=True),), ()))
    return Case("not_reached", seen(truth), Cause.REGISTER_STALE, sources=sources)


def stopped(world: World) -> Case:
    health = world.inventor.pick([one for one in SourceHealth if one is not SourceHealth.OK])
    day = TODAY - timedelta(days=3)
    behind = replace(BUREAU, newest_issue=day - timedelta(days=9), health=health, until=NOW + timedelta(hours=2))
    also = frozenset({Cause.SYSTEM_FAULT})
    return Case("stopped", seen(world.issue(DIGITAL, day)), Cause.REGISTER_STALE, sources=(behind,), also=also)


def not_uploaded(world: World) -> Case:
    day = TODAY - timedelta(days=world.inventor.chance.randrange(2, 8))
    asked = (_asked(OfficialOutcome.NOT_FOUND, hours=1),) if world.inventor.chance.random() < 0.3 else ()
    return Case("not_uploaded", seen(world.issue(OLD, day)), Cause.SELLER_NOT_UPLOADED, official=asked)


def too_old(world: World) -> Case:
    day = world.inventor.day(date(2021, 1, 1), date(2021, 10, 1))
    begun = replace(BUREAU, oldest_issue=date(2020, 1, 1))
    source = world.inventor.pick((BUREAU, begun))
    return Case("too_old", seen(world.issue(OLD, day)), Cause.OUT_OF_QUERY_WINDOW, sources=(source,))


def before_the_register(world: World) -> Case:
    truth = world.issue()
    source = replace(BUREAU, first_day=truth.date + timedelta(days=1))
    return Case("before_the_register", seen(truth), Cause.OUT_OF_QUERY_WINDOW, sources=(source,))


def wrong_export(world: World) -> Case:
    truth = world.issue()
    other = System.TAX_CONTROL if truth.kind in DIGITAL else System.DIGITAL
    hole = ((BUREAU.oldest_issue or TODAY, truth.date - timedelta(days=1)), (truth.date + timedelta(days=1), TODAY))
    source = world.inventor.pick(
        (
            replace(BUREAU, direction=Direction.ISSUED),
            replace(BUREAU, systems=frozenset({other})),
            replace(BUREAU, spans=hole),
        )
    )
    return Case("wrong_export", seen(truth), Cause.WRONG_REGION_OR_SYSTEM, sources=(source,))


def row_refused(world: World) -> Case:
    truth = world.issue()
    world.refused.append(truth.number)
    return Case("row_refused", seen(truth), Cause.SYSTEM_FAULT)


def source_at_fault(world: World) -> Case:
    health = world.inventor.pick((SourceHealth.FAILING, SourceHealth.OPEN))
    erp = replace(BUREAU, name="erp", health=health, newest_issue=TODAY - timedelta(days=90))
    return Case("source_at_fault", seen(world.issue()), Cause.SYSTEM_FAULT, sources=(BUREAU, erp))


def nothing_known(world: World) -> Case:
    return Case("nothing_known", seen(world.issue((Kind.DIG_SPECIAL, Kind.VAT_SPECIAL_PAPER))), Cause.UNKNOWN)


def like_value(world: World) -> Case:
    """A number copied from somewhere else: seller, amount and day name a row, but that proves nothing."""
    truth = world.issue(OLD, here=True)
    other = world.inventor.number_8()
    near = {F.NUMBER: other, F.DATE: (truth.date + timedelta(days=world.inventor.pick((-3, 0, 3)))).isoformat()}
    if near[F.DATE][:4] != truth.date.isoformat()[:4]:
        return like_value(world)
    return Case("like_value", seen(truth, near), Cause.UNKNOWN, L.M4, truth.key)


# --- whose it is ------------------------------------------------------------------------------------------------------------


def no_tax_id(world: World) -> Case:
    kind = world.inventor.pick((Kind.DIG_NORMAL, Kind.VAT_E_NORMAL))
    name = world.inventor.pick((world.us.name, "个人", world.inventor.person()))
    changed = {F.BUYER_TAX_ID: None, F.BUYER_NAME: name}
    return Case("no_tax_id", seen(world.issue((kind,)), changed), Cause.NOT_DELIVERED_TO_US)


def ticket_without_company(world: World) -> Case:
    kind = world.inventor.pick((Kind.RAIL_E, Kind.AIR_E))
    values = {F.BUYER_TAX_ID: None, F.BUYER_NAME: None, F.SELLER_TAX_ID: None}
    paper = replace(seen(world.issue(DIGITAL), values), kind=kind)
    return Case("ticket_without_company", paper, Cause.NOT_DELIVERED_TO_US)


def other_title(world: World) -> Case:
    """Made out to somebody else, whether the register has it (by a mistake) or not."""
    there = world.inventor.pick(world.strangers)
    truth = replace(world.issue(), buyer_name=there.name, buyer_tax_id=there.tax_id)
    here = world.inventor.pick((True, False))
    if truth.seller.tax_id == there.tax_id:
        return other_title(world)
    if here:
        world.enter(truth)
    return Case("other_title", seen(truth), Cause.WRONG_TITLE, L.M0 if here else None, truth.key if here else "")


def title_a_word_short(world: World) -> Case:
    name = world.us.name.replace("有限", "", 1)
    here = world.inventor.pick((True, False))
    truth = replace(world.issue(here=here), buyer_name=name)
    case = seen(truth, source=Source.PDF_TEXT, besides=Source.OCR)
    return Case("title_a_word_short", case, Cause.WRONG_TITLE, L.M0 if here else None, truth.key if here else "")


def sisters(world: World) -> Case:
    truth = replace(world.issue(), buyer_name=world.sister.name, buyer_tax_id=world.sister.tax_id)
    return Case("sisters", seen(truth), Cause.OTHER_ENTITY_REGISTER)


def register_of_the_sister(world: World) -> Case:
    source = replace(BUREAU, buyers=frozenset({world.sister.tax_id}))
    special = world.issue((Kind.DIG_SPECIAL, Kind.VAT_SPECIAL_PAPER), _within_ours(world))
    return Case("register_of_the_sister", seen(special), Cause.OTHER_ENTITY_REGISTER, sources=(source,))


# --- in force and true --------------------------------------------------------------------------------------------------------


def void(world: World) -> Case:
    status = world.inventor.pick(
        [one for one in RegisterStatus if one not in {RegisterStatus.NORMAL, RegisterStatus.UNKNOWN}]
    )
    truth = world.enter(replace(world.issue(), status=status))
    return Case("void", seen(truth), Cause.VOID_OR_RED, L.M1, truth.key)


def officially_void(world: World) -> Case:
    outcome = world.inventor.pick((OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART))
    return Case("officially_void", seen(world.issue()), Cause.VOID_OR_RED, official=(_asked(outcome, agreed=True),))


def officially_void_before_any_register(world: World) -> Case:
    """The register does not reach it, or its seller has days to upload it: the official answer is final all the same."""
    verdict = world.inventor.pick((OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART))
    day = TODAY - timedelta(days=world.inventor.chance.randrange(7))
    kinds, newest = world.inventor.pick(((DIGITAL, day - timedelta(days=1)), (OLD, TODAY)))
    behind = replace(BUREAU, newest_issue=newest)
    answers = (_asked(verdict, agreed=True),)
    family = "officially_void_before_any_register"
    return Case(family, seen(world.issue(kinds, day)), Cause.VOID_OR_RED, sources=(behind,), official=answers)


def red_letter(world: World) -> Case:
    truth = world.issue()
    return Case("red_letter", seen(replace(truth, net=-truth.net, tax=-truth.tax)), Cause.VOID_OR_RED)


def denied(world: World) -> Case:
    truth = world.issue(DIGITAL)
    outcome = world.inventor.pick((OfficialOutcome.INCONSISTENT, OfficialOutcome.NOT_FOUND))
    paper = seen(truth, code=truth)
    return Case("denied", paper, Cause.SUSPECTED_FORGERY_OR_ALTERATION, official=(_asked(outcome),))


def altered_face(world: World) -> Case:
    """Its data names another amount than its code."""
    truth = world.issue(DIGITAL)
    changed = {F.DATE: (truth.date + timedelta(days=1)).isoformat()}
    if truth.date.month == 12 and truth.date.day == 31:
        return altered_face(world)
    paper = seen(truth, changed, source=Source.PDF_TEXT, besides=Source.OCR, code=truth)
    return Case("altered_face", paper, Cause.SUSPECTED_FORGERY_OR_ALTERATION)


def another_amount(world: World) -> Case:
    truth = world.issue(DIGITAL, here=True)
    more = replace(truth, net=truth.net + 5000)
    case = seen(more, code=more)
    return Case("another_amount", case, Cause.SUSPECTED_FORGERY_OR_ALTERATION, L.M1, truth.key)


def impossible_year(world: World) -> Case:
    truth = world.issue(DIGITAL)
    wrong = replace(truth, date=date(truth.date.year - 1, 6, 1))
    return Case("impossible_year", seen(wrong, code=wrong), Cause.SUSPECTED_FORGERY_OR_ALTERATION)


def unverifiable(world: World) -> Case:
    """Nobody could answer: that is no reason to suspect anything."""
    outcome = world.inventor.pick(
        (
            OfficialOutcome.LIMIT_EXCEEDED,
            OfficialOutcome.UPSTREAM_ERROR,
            OfficialOutcome.UNSUPPORTED,
            OfficialOutcome.QUOTA,
        )
    )
    truth = world.issue((Kind.DIG_SPECIAL,))
    return Case("unverifiable", seen(truth, code=truth), Cause.UNKNOWN, official=(_asked(outcome),))


def not_found_too_early(world: World) -> Case:
    """Asked on the day after the issue: it may come."""
    day = TODAY - timedelta(days=2)
    truth = world.issue((Kind.DIG_SPECIAL,), day)
    return Case(
        "not_found_too_early", seen(truth, code=truth), Cause.UNKNOWN, official=(_asked(OfficialOutcome.NOT_FOUND),)
    )


# --- several at once --------------------------------------------------------------------------------------------------------------


def not_reached_and_other_title(world: World) -> Case:
    there = world.inventor.pick(world.strangers)
    truth = replace(world.issue(DIGITAL, TODAY - timedelta(days=5)), buyer_name=there.name, buyer_tax_id=there.tax_id)
    if truth.seller.tax_id == there.tax_id:
        return not_reached_and_other_title(world)
    behind = replace(BUREAU, newest_issue=TODAY - _WEEK)
    also = frozenset({Cause.WRONG_TITLE})
    return Case("not_reached_and_other_title", seen(truth), Cause.REGISTER_STALE, sources=(behind,), also=also)


def _typed(truth: Truth, changed: Mapping[FieldName, str]) -> Invoice:
    """The paper with values of any shape in its fields, as hands and data give them; a reader leaves a misshapen one out."""
    paper = seen(truth)
    fields = {name: replace(paper.fields[name], value=value) for name, value in changed.items()}
    return replace(paper, fields={**paper.fields, **fields})


def _within_ours(world: World) -> date:
    """A day on which both companies were ours."""
    return world.inventor.day(date(2022, 3, 1), TODAY - timedelta(days=40))


def _asked(outcome: OfficialOutcome, *, hours: int = 2, agreed: bool = False) -> Verification:
    return Verification(outcome, NOW - timedelta(hours=hours), agreed, "verifier", "tax_bureau")


FAMILIES: Final[tuple[Family, ...]] = (
    agrees, agrees_by_code, code_of_a_neighbour, known_again, list_page, never_there, known_with_other_values, pages_missing,
    number_with_a_slip, code_with_a_slip, slip_and_unread_amount, number_of_the_next, exchanged, code_not_read,
    number_not_read, amount_with_a_slip, day_with_a_slip, seller_with_a_slip, check_that_fails, twin, number_of_another,
    denied_but_only_read, code_against_face, not_reached, stopped, not_uploaded, too_old, before_the_register,
    wrong_export, row_refused, source_at_fault, nothing_known, like_value, no_tax_id, ticket_without_company, other_title,
    title_a_word_short, sisters, register_of_the_sister, void, officially_void, officially_void_before_any_register,
    red_letter, denied, altered_face, another_amount, impossible_year, unverifiable, not_found_too_early,
    not_reached_and_other_title,
)  # fmt: skip


NOISE: Final = (
    OfficialOutcome.LIMIT_EXCEEDED,
    OfficialOutcome.UPSTREAM_ERROR,
    OfficialOutcome.UNSUPPORTED,
    OfficialOutcome.QUOTA,
    OfficialOutcome.BAD_REQUEST,
    OfficialOutcome.CONSISTENT,  # but of another invoice: it does not agree
)
"""Answers that decide nothing."""


def make(world: World, count: int) -> list[Case]:
    """So many cases, the families in turn; to some is added what must not change anything."""
    return [_with_noise(world, FAMILIES[number % len(FAMILIES)](world)) for number in range(count)]


def _with_noise(world: World, case: Case) -> Case:
    chance = world.inventor.chance
    more = tuple(_asked(chance.choice(NOISE), hours=chance.randrange(30)) for _ in range(chance.choice((0, 0, 1, 3))))
    keyed = (replace(BUREAU, name="manual", newest_issue=TODAY),) if chance.random() < 0.3 else ()
    return replace(case, official=case.official + more, sources=case.sources + keyed)
