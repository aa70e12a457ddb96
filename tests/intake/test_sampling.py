from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.sampling import (
    AQLS,
    Judged,
    Mode,
    Plan,
    Standing,
    accepts,
    after,
    draw,
    letter_of,
    plan_of,
    standing,
    verdict,
)

SEVERITIES = (Mode.NORMAL, Mode.TIGHTENED, Mode.REDUCED)
LOTS = (2, 8, 9, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, 500_001)
lots_ = st.integers(1, 2_000_000)
aqls = st.sampled_from(AQLS)


@pytest.mark.parametrize(("lot", "letter"), list(zip(LOTS, "AABBCDEFGHJKLMNPQ", strict=True)))
def test_the_code_letter_is_that_of_table_1(lot: int, letter: str) -> None:
    assert letter_of(lot) == letter


@pytest.mark.parametrize(
    ("lot", "aql", "mode", "plan"),
    [  # cells of the master tables, arrows included
        (1200, "1.0", Mode.NORMAL, Plan("J", 80, 2, 3)),
        (500, "1.0", Mode.NORMAL, Plan("H", 50, 1, 2)),
        (280, "1.0", Mode.NORMAL, Plan("H", 50, 1, 2)),  # G points down
        (150, "1.0", Mode.NORMAL, Plan("E", 13, 0, 1)),  # F points up
        (20, "1.0", Mode.NORMAL, Plan("E", 13, 0, 1)),
        (3200, "2.5", Mode.NORMAL, Plan("K", 125, 7, 8)),
        (1200, "4.0", Mode.NORMAL, Plan("J", 80, 7, 8)),
        (500, "6.5", Mode.NORMAL, Plan("H", 50, 7, 8)),
        (10_000, "0.65", Mode.NORMAL, Plan("L", 200, 3, 4)),
        (600_000, "6.5", Mode.NORMAL, Plan("L", 200, 21, 22)),  # Q points up
        (600_000, "0.010", Mode.NORMAL, Plan("Q", 1250, 0, 1)),
        (600_000, "0.025", Mode.NORMAL, Plan("R", 2000, 1, 2)),
        (600_000, "0.015", Mode.NORMAL, Plan("P", 800, 0, 1)),
        (1200, "1.0", Mode.TIGHTENED, Plan("J", 80, 1, 2)),
        (3200, "1.0", Mode.TIGHTENED, Plan("K", 125, 2, 3)),
        (35_000, "1.0", Mode.TIGHTENED, Plan("M", 315, 5, 6)),
        (150_000, "1.0", Mode.TIGHTENED, Plan("N", 500, 8, 9)),
        (600_000, "0.025", Mode.TIGHTENED, Plan("P", 800, 0, 1)),
        (1200, "1.0", Mode.REDUCED, Plan("J", 32, 2, 3)),
        (500, "1.0", Mode.REDUCED, Plan("H", 20, 1, 2)),
        (90, "1.0", Mode.REDUCED, Plan("E", 5, 0, 1)),
        (10, "1.0", Mode.NORMAL, Plan("E", 10, 0, 1)),  # the sample is the lot
        (77, "1.0", Mode.DISCONTINUED, Plan("E", 77, 0, 1)),
    ],
)
def test_a_plan_is_the_one_of_the_master_table(lot: int, aql: str, mode: Mode, plan: Plan) -> None:
    assert plan_of(lot, aql, mode) == plan


def test_what_has_no_column_or_is_empty_has_no_plan() -> None:
    with pytest.raises(ValueError, match="not in"):
        plan_of(100, "10", Mode.NORMAL)
    with pytest.raises(ValueError, match="lot of 0"):
        plan_of(0, "1.0", Mode.NORMAL)


@given(aqls, st.sampled_from(SEVERITIES), lots_, lots_)
def test_a_larger_lot_is_never_sampled_less_nor_allowed_less(aql: str, mode: Mode, one: int, other: int) -> None:
    small, large = (plan_of(lot, aql, mode) for lot in sorted((one, other)))
    full = plan_of(2_000_000, aql, mode)
    assert small.size <= large.size or small.accept < large.accept or large.size == small.size
    assert small.accept <= large.accept <= full.accept


@given(lots_, st.sampled_from(SEVERITIES))
def test_a_more_tolerant_aql_accepts_more(lot: int, mode: Mode) -> None:
    chances = [accepts(plan_of(lot, aql, mode), 0.05) for aql in AQLS]
    assert all(strict <= mild + 0.35 for strict, mild in pairwise(chances))
    assert chances[0] <= chances[-1]


@given(lots_, aqls)
def test_tightened_inspection_accepts_no_more_and_reduced_looks_at_no_more(lot: int, aql: str) -> None:
    normal, tightened, reduced = (plan_of(lot, aql, mode) for mode in SEVERITIES)
    if tightened.letter == normal.letter:  # arrows lead small lots to unlike plans
        assert tightened.accept <= normal.accept
    assert tightened.size >= normal.size or tightened.accept < normal.accept or tightened.accept == 0
    assert reduced.size <= normal.size
    assert normal.reject == normal.accept + 1


@given(lots_, aqls, st.sampled_from(SEVERITIES))
def test_an_oc_curve_falls_from_certainty_to_nothing(lot: int, aql: str, mode: Mode) -> None:
    plan = plan_of(lot, aql, mode)
    curve = [accepts(plan, share / 50) for share in range(51)]
    assert curve[0] == 1
    assert curve[-1] == 0
    assert all(better >= worse - 1e-12 for better, worse in pairwise(curve))


@pytest.mark.parametrize("aql", AQLS)
@pytest.mark.parametrize("lot", LOTS[4:])
def test_work_as_good_as_the_aql_is_mostly_accepted(aql: str, lot: int) -> None:
    plan = plan_of(lot, aql, Mode.NORMAL)
    assert accepts(plan, float(aql) / 100) >= 0.86


@pytest.mark.parametrize(
    ("seen", "wrong", "said"), [(0, 0, None), (79, 2, None), (80, 2, True), (80, 3, False), (5, 3, False)]
)
def test_a_lot_is_rejected_as_soon_as_it_must_be_and_accepted_at_the_end(
    seen: int, wrong: int, said: bool | None
) -> None:
    assert verdict(Plan("J", 80, 2, 3), seen, wrong) is said


@given(st.sets(st.integers(1, 10**9), min_size=1, max_size=60), st.text(), st.data())
def test_a_draw_can_be_repeated_whatever_the_order(members: set[int], seed: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(members)))
    first = draw(sorted(members), size, seed)
    assert first == draw(sorted(members, reverse=True), size, seed)
    assert len(set(first)) == size
    assert set(first) <= members


def test_another_seed_draws_another_sample() -> None:
    assert draw(range(1000), 80, "a") != draw(range(1000), 80, "b")


def lots(text: str, mode: Mode = Mode.NORMAL, size: int = 500) -> list[Judged]:
    """``+`` accepted without a wrong one, ``1`` accepted with one, ``-`` not accepted."""
    return [Judged(mode, size, 0 if sign == "+" else 1 if sign == "1" else 9, sign != "-") for sign in text]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("", Mode.NORMAL),
        ("-", Mode.NORMAL),
        ("--", Mode.TIGHTENED),
        ("-+++-", Mode.TIGHTENED),
        ("-++++-", Mode.NORMAL),  # two of six
        ("+" * 14, Mode.NORMAL),  # two points a lot
        ("+" * 15, Mode.REDUCED),
        ("+" * 14 + "-" + "+" * 14, Mode.NORMAL),
        ("1" * 15, Mode.REDUCED),
    ],
)
def test_normal_inspection_switches(text: str, mode: Mode) -> None:
    assert standing(lots(text), "1.0").mode is mode


@pytest.mark.parametrize(
    ("found", "lots_needed"), [(1, 10), (2, None)]
)  # Ac 2 at J: 1 passes the stricter AQL 0.65 too, 2 does not
def test_where_two_are_tolerated_three_points_are_given_for_passing_the_stricter_aql(
    found: int, lots_needed: int | None
) -> None:
    history = [Judged(Mode.NORMAL, 1200, found, accepted=True)] * 30
    reached = [number for number in range(31) if standing(history[:number], "1.0").mode is Mode.REDUCED]
    assert (reached[0] if reached else None) == lots_needed


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("+++++", Mode.NORMAL),
        ("++++", Mode.TIGHTENED),
        ("++++-++++", Mode.TIGHTENED),
        ("----", Mode.TIGHTENED),
        ("-+-+-+-+-", Mode.DISCONTINUED),
    ],
)
def test_tightened_inspection_switches(text: str, mode: Mode) -> None:
    assert standing(lots("--") + lots(text, Mode.TIGHTENED), "1.0").mode is mode


def test_reduced_inspection_ends_with_the_first_lot_not_accepted() -> None:
    reduced = lots("+" * 15)
    assert standing(reduced + lots("+++", Mode.REDUCED), "1.0").mode is Mode.REDUCED
    assert standing(reduced + lots("+-", Mode.REDUCED), "1.0") == Standing()


def test_a_suspension_lasts_until_somebody_resumes_and_then_begins_tightened() -> None:
    suspended = lots("--") + lots("-----", Mode.TIGHTENED)
    assert standing(suspended + lots("+++", Mode.DISCONTINUED), "1.0").mode is Mode.DISCONTINUED
    last = Judged(Mode.DISCONTINUED, 10, 0, accepted=True, resumed=True)
    assert standing([*suspended, last], "1.0") == Standing(Mode.TIGHTENED)
    fifth = Judged(Mode.TIGHTENED, 500, 9, accepted=False, resumed=True)
    assert standing([*suspended[:-1], fifth], "1.0") == Standing(Mode.TIGHTENED)


def test_a_lot_drawn_before_a_switch_does_not_count_after_it() -> None:
    tightened = Standing(Mode.TIGHTENED)
    assert after(tightened, lots("-")[0], "1.0") == tightened


def test_the_strictest_aql_is_its_own_next_stricter() -> None:
    assert after(Standing(), Judged(Mode.NORMAL, 10**6, 0, accepted=True), "0.010").score == 2
