"""Whose paper it is: names by day, former ones, mergers, branches and sister companies (domain.md §9.6)."""

from __future__ import annotations

from datetime import date

import pytest

from intake.model import Company, CompanyChange, FusedField, Invoice, Proof
from intake.naming import compare, difference, nearest
from intake.succession import Flaw, Flawed, accepted, flaws, heirs, valid
from intake.titles import Ours, Sister, Wrong, check_title
from ocr.types import FieldName, FieldValue, Kind, Source

F = FieldName
NEW = Company("北京新名科技有限公司", "91110108MAEY9WLP8G", valid_from=date(2024, 7, 1))
OLD = Company(
    "北京旧名科技有限公司",
    "91110108MAEY9WLP8G",
    valid_to=date(2024, 6, 30),
    change=CompanyChange.RENAMED,
    accepted_to=date(2024, 9, 30),
)
BRANCH = Company("北京新名科技有限公司朝阳分公司", "91110105MA00000001", head_tax_id=NEW.tax_id)
GONE = Company(
    "天津示例贸易有限公司",
    "91120101MA00000002",
    valid_to=date(2025, 3, 31),
    change=CompanyChange.MERGED,
    successor_tax_ids=(NEW.tax_id,),
)
SPLIT = Company(
    "河北示例实业有限公司",
    "91130101MA00000003",
    valid_to=date(2025, 3, 31),
    change=CompanyChange.SPLIT,
    successor_tax_ids=(NEW.tax_id, BRANCH.tax_id),
)
CLOSED = Company("山西示例煤业有限公司", "91140101MA00000004", valid_to=date(2025, 3, 31), change=CompanyChange.CLOSED)
SISTER = Company("上海示例软件有限公司", "91310101MA00000005", desk="上海财务中心")
SOLD = Company(
    "上海旧部有限公司",
    "91310101MA00000006",
    valid_to=date(2025, 3, 31),
    change=CompanyChange.MERGED,
    successor_tax_ids=(SISTER.tax_id,),
    accepted_to=date(2025, 12, 31),
)
ALL = (NEW, OLD, BRANCH, GONE, SPLIT, CLOSED, SISTER, SOLD)
UNKNOWN = "91440300MA00000007"


def made_out(name: str | None, tax_id: str | None, source: Source = Source.XML) -> Invoice:
    values = {F.BUYER_NAME: name, F.BUYER_TAX_ID: tax_id}
    fields = {
        field: FusedField(field, value, frozenset(), (FieldValue(field, value, 1.0, source),))
        for field, value in values.items()
        if value
    }
    return Invoice(Kind.DIG_NORMAL, fields)


def told(found: Ours | Sister | Wrong | None) -> tuple[str, list[str], Company | None]:
    match found:
        case Ours(company, notes):
            return "ours", [one.code for one in notes], company
        case Sister(company, evidence):
            return "sister", [one.code for one in evidence], company
        case Wrong(evidence, expected):
            return "wrong", [one.code for one in evidence], expected
        case None:
            return "unsaid", [], None


@pytest.mark.parametrize(
    ("name", "tax_id", "day", "what", "codes", "company"),
    [
        # the name of the day
        (NEW.name, NEW.tax_id, "2025-01-05", "ours", [], NEW),
        (OLD.name, NEW.tax_id, "2024-06-30", "ours", [], OLD),
        (None, NEW.tax_id, "2025-01-05", "ours", [], NEW),
        (OLD.name, NEW.tax_id, None, "ours", [], OLD),
        # a former name inside its transition and after it, a name before its day
        (OLD.name, NEW.tax_id, "2024-09-30", "ours", ["former_title_taken"], NEW),
        (
            OLD.name,
            NEW.tax_id,
            "2024-10-01",
            "wrong",
            ["buyer_is", "company_not_valid_then", "company_renamed", "title_now"],
            NEW,
        ),
        (NEW.name, NEW.tax_id, "2024-06-30", "wrong", ["buyer_is", "company_not_valid_then", "title_now"], OLD),
        (OLD.name, None, "2024-08-01", "ours", ["former_title_taken"], NEW),
        (
            OLD.name,
            None,
            "2025-01-05",
            "wrong",
            ["buyer_is", "company_not_valid_then", "company_renamed", "successor_is"],
            NEW,
        ),
        # merged, split, closed
        (GONE.name, GONE.tax_id, "2025-03-31", "ours", [], GONE),
        (
            GONE.name,
            GONE.tax_id,
            "2025-04-01",
            "wrong",
            ["buyer_is", "company_not_valid_then", "company_merged", "successor_is"],
            NEW,
        ),
        (
            None,
            SPLIT.tax_id,
            "2025-04-01",
            "wrong",
            ["buyer_is", "company_not_valid_then", "company_split", "successor_is", "successor_is"],
            None,
        ),
        (
            CLOSED.name,
            CLOSED.tax_id,
            "2025-04-01",
            "wrong",
            ["buyer_is", "company_not_valid_then", "company_closed"],
            None,
        ),
        # branch and head office
        (BRANCH.name, BRANCH.tax_id, "2025-01-05", "ours", [], BRANCH),
        (BRANCH.name, NEW.tax_id, "2025-01-05", "wrong", ["buyer_is", "branch_name_head_tax_id"], NEW),
        (NEW.name, BRANCH.tax_id, "2025-01-05", "wrong", ["buyer_is", "head_name_branch_tax_id"], BRANCH),
        (
            NEW.name + "海淀分公司",
            NEW.tax_id,
            "2025-01-05",
            "wrong",
            ["buyer_is", "branch_not_on_file", "title_differs"],
            NEW,
        ),
        (NEW.name + "海淀分公司", UNKNOWN, "2025-01-05", "wrong", ["buyer_is", "branch_not_on_file"], NEW),
        # sister companies
        (SISTER.name, SISTER.tax_id, "2025-01-05", "sister", ["buyer_is", "sister_company"], SISTER),
        (SISTER.name, None, "2025-01-05", "sister", ["buyer_is", "sister_company"], SISTER),
        (SISTER.name, NEW.tax_id, "2025-01-05", "wrong", ["buyer_is", "name_of_another"], NEW),
        (SOLD.name, SOLD.tax_id, "2025-05-01", "sister", ["buyer_is", "sister_company"], SISTER),
        # nobody of ours
        ("杭州别家有限公司", UNKNOWN, "2025-01-05", "wrong", ["buyer_is", "no_company_like_it"], None),
        ("杭州别家有限公司", NEW.tax_id, "2025-01-05", "wrong", ["buyer_is", "no_company_like_it"], None),
        ("杭州别家有限公司", None, "2025-01-05", "wrong", ["buyer_is", "no_company_like_it"], None),
        (None, UNKNOWN, "2025-01-05", "wrong", ["buyer_is", "no_company_like_it"], None),
        (NEW.name, UNKNOWN, "2025-01-05", "wrong", ["buyer_is", "tax_id_differs"], NEW),
        # characters that make another title
        ("北京新名科技公司", NEW.tax_id, "2025-01-05", "wrong", ["buyer_is", "form_differs"], NEW),
        ("新名科技（北京）有限公司", NEW.tax_id, "2025-01-05", "wrong", ["buyer_is", "title_differs"], NEW),
        ("北京新名科技（集团）有限公司", None, "2025-01-05", "wrong", ["buyer_is", "brackets_differ"], NEW),
        # nothing can be said
        ("张三", None, "2025-01-05", "unsaid", [], None),
        (None, None, "2025-01-05", "unsaid", [], None),
    ],
)
def test_the_buyer_is_told_by_the_day_of_issue(
    name: str | None, tax_id: str | None, day: str | None, what: str, codes: list[str], company: Company | None
) -> None:
    found = check_title(made_out(name, tax_id), ALL, date.fromisoformat(day) if day else None)
    assert told(found) == (what, codes, company)


def test_a_name_that_may_be_misread_is_not_held_against_the_paper() -> None:
    for seen in ("北京新召科技有限公司", OLD.name):
        read = made_out(seen, NEW.tax_id, Source.OCR)
        assert check_title(read, ALL, date(2025, 1, 5)) == Ours(NEW)
    assert check_title(made_out("北京新召科技有限公司", None, Source.OCR), ALL, date(2025, 1, 5)) is None
    proven = made_out("北京新召科技有限公司", NEW.tax_id, Source.OCR)
    field = proven.fields[F.BUYER_NAME]
    sure = Invoice(
        Kind.DIG_NORMAL,
        {
            **proven.fields,
            F.BUYER_NAME: FusedField(F.BUYER_NAME, field.value, frozenset({Proof.TWO_READERS}), field.sightings),
        },
    )
    assert isinstance(check_title(sure, ALL, date(2025, 1, 5)), Wrong)


def test_without_companies_nothing_is_said() -> None:
    assert check_title(made_out("杭州别家有限公司", UNKNOWN), (), None) is None


def test_the_name_held_on_the_day_when_all_have_ended() -> None:
    found = check_title(made_out("别的名字有限公司", CLOSED.tax_id), (CLOSED,), date(2026, 1, 1))
    assert told(found) == ("wrong", ["buyer_is", "company_not_valid_then", "company_closed"], None)
    closed = Company("甲有限公司", UNKNOWN, valid_to=date(2025, 1, 1), accepted_to=date(2025, 6, 1))
    assert told(check_title(made_out("甲有限公司", UNKNOWN), (closed,), date(2025, 2, 1)))[:2] == (
        "ours",
        ["former_title_taken"],
    )
    assert told(check_title(made_out("乙公司", UNKNOWN), (closed,), date(2026, 2, 1)))[1] == [
        "buyer_is",
        "company_not_valid_then",
    ]
    assert told(check_title(made_out("甲有限公司", UNKNOWN.replace("7", "8")), (closed,), date(2026, 2, 1)))[1] == [
        "buyer_is",
        "tax_id_differs",
    ]


@pytest.mark.parametrize(
    ("seen", "code", "marked"),
    [
        ("北京示例（科技）公司", "form_differs", "北京示例（科技）［−有限］公司"),
        ("北京示例有限公司", "brackets_differ", "北京示例［−（科技）］有限公司"),
        ("北京示例［科技］有限公司", "brackets_differ", "北京示例［−（］［+［］科技［−）］［+］］有限公司"),
        ("北京示倒（科技）有限公司", "title_differs", "北京示［−例］［+倒］（科技）有限公司"),
        ("北京示例（科技）有限责任公司", "form_differs", "北京示例（科技）有限［+责任］公司"),
    ],
)
def test_differences_are_shown_character_by_character(seen: str, code: str, marked: str) -> None:
    (found,) = compare(seen, Company("北京示例(科技)有限公司", UNKNOWN))
    assert (found.code, found.params["difference"]) == (code, marked)


def test_equal_names_and_unseen_ones_do_not_differ() -> None:
    assert compare("", NEW) == compare(NEW.name, NEW) == ()
    assert difference("同名", "同名") == "同名"
    assert nearest("任何", ()) is None


def test_a_title_follows_mergers_to_who_holds_on_the_day() -> None:
    first = Company("一", "1", valid_to=date(2020, 1, 1), change=CompanyChange.MERGED, successor_tax_ids=("2",))
    second = Company("二", "2", valid_to=date(2021, 1, 1), change=CompanyChange.MERGED, successor_tax_ids=("3", "1"))
    third = Company("三", "3", valid_from=date(2019, 1, 1))
    every = (first, second, third)
    assert heirs(first, every, date(2020, 6, 1)) == (second,)
    assert heirs(first, every, date(2022, 6, 1)) == (third,)
    assert heirs(second, (first, second), date(2022, 1, 1)) == ()


def test_validity_and_transition_by_day() -> None:
    assert [valid(OLD, day) for day in (None, date(2024, 6, 30), date(2024, 7, 1))] == [True, True, False]
    days = (None, date(2024, 6, 30), date(2024, 7, 1), date(2024, 10, 1))
    assert [accepted(OLD, day) for day in days] == [False, False, True, False]
    assert not accepted(NEW, date(2025, 1, 1))
    assert not accepted(GONE, date(2025, 4, 2))


def test_entries_that_cannot_be_so_are_named() -> None:
    assert flaws(ALL) == ()
    day = date(2024, 1, 1)
    backward = Company("甲", "1", valid_from=day, valid_to=date(2023, 1, 1))
    no_day = Company("乙", "2", change=CompanyChange.RENAMED)
    early = Company("丙", "3", valid_to=day, accepted_to=date(2023, 1, 1))
    open_end = Company("丁", "4", accepted_to=day)
    nobody = Company("戊", "5", valid_to=day, change=CompanyChange.MERGED)
    strange = Company("己", "6", valid_to=day, change=CompanyChange.MERGED, successor_tax_ids=("99", "6"))
    part = Company("庚", "7", valid_to=day, change=CompanyChange.SPLIT, successor_tax_ids=("7", "1"))
    own_head = Company("辛", "8", head_tax_id="8")
    lost_head = Company("壬", "9", head_tax_id="98")
    assert flaws((backward, no_day, early, open_end, nobody, strange, part, own_head, lost_head)) == (
        Flawed(backward, Flaw.ENDS_BEFORE_START),
        Flawed(no_day, Flaw.CHANGE_WITHOUT_DAY),
        Flawed(early, Flaw.ACCEPTED_BEFORE_END),
        Flawed(open_end, Flaw.ACCEPTED_BEFORE_END),
        Flawed(nobody, Flaw.NO_SUCCESSOR),
        Flawed(strange, Flaw.SUCCESSOR_UNKNOWN, "99"),
        Flawed(strange, Flaw.SUCCESSOR_ITSELF, "6"),
        Flawed(own_head, Flaw.HEAD_ITSELF, "8"),
        Flawed(lost_head, Flaw.HEAD_UNKNOWN, "98"),
    )
