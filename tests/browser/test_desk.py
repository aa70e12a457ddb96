"""From upload to the register in a real browser: at a desk and on a phone, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser

FILED = {"zh": "两次录入一致", "en": "Both entries agree"}
OWN = {"zh": "须由另一人复核", "en": "Another person must verify it"}


def truth(papers: Path, name: str) -> dict[str, str]:
    """What is printed on a generated paper."""
    everything = json.loads((papers / "truth.json").read_text("utf-8"))
    (found,) = [paper for paper in everything if paper["file"] == name]
    return {key: value for key, value in found.items() if isinstance(value, str)}


def hand_in(person: Person, file: Path) -> int:
    """Choose a file, wait until it was read, and return its document's number."""
    person.go("/")
    person.page.set_input_files("#files", file)
    card = person.page.locator(".bill", has_text=file.name).first
    expect(card).to_have_attribute("data-state", "needs_review", timeout=90_000)
    return int(card.get_attribute("data-document") or 0)


def key_in(person: Person, said: dict[str, str]) -> None:
    """Fill in what the reader left open, with the keyboard alone, and send."""
    page = person.page
    for name in (
        "code",
        "number",
        "date",
        "seller_name",
        "seller_tax_id",
        "buyer_name",
        "buyer_tax_id",
        "tax",
        "total",
    ):
        box = page.locator(f"#f-{name}")
        if box.count() and not box.input_value() and said.get(name):
            box.fill(said[name])
    net = page.locator("#f-net")
    if net.count() and not net.input_value():
        net.fill(said["amount"])
    page.locator("#f-number").focus()
    page.keyboard.press("Control+Enter")


def key_blind(page: Page, said: dict[str, str]) -> None:
    """Key each critical field and go on with Enter, as the second person does."""
    while True:
        name = page.evaluate("document.activeElement?.name ?? ''")
        if not name.startswith("value."):
            break
        page.keyboard.type(said[name.removeprefix("value.")])
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("width", "height", "language", "name"),
    [
        (1280, 720, "zh", "pdf-text/dig-late-training.pdf"),
        (1280, 720, "en", "pdf-text/fiscal-bill.pdf"),
        (390, 844, "zh", "pdf-text/dig-renumbered-snack.pdf"),
        (390, 844, "en", "pdf-text/e-normal-meal.pdf"),
    ],
)
def test_a_paper_goes_from_upload_to_the_register(
    at: Callable[..., Person], papers: Path, width: int, height: int, language: str, name: str
) -> None:
    said = truth(papers, name)
    clerk, second = at(width, height), at(width, height)
    clerk.sign_in("clerk", language)
    number = hand_in(clerk, papers / name)
    clerk.calm()
    clerk.go(f"/documents/{number}")
    expect(clerk.page.locator(".leaf img").first).to_be_visible()
    expect(clerk.page.locator("tr[data-field$='-number'] .value")).to_have_text(said["number"])
    clerk.calm()
    clerk.page.locator("main a[href^='/review/']").first.click()
    clerk.page.wait_for_url("**/review/*")
    task = clerk.page.url.rsplit("/", 1)[-1]
    expect(clerk.page.locator("#checks")).not_to_be_empty()
    clerk.calm()
    key_in(clerk, said)
    expect(clerk.page.locator(".note.good")).to_be_visible()

    second.sign_in("clerk2", language)
    second.go(f"/review/{task}")
    second.page.wait_for_url(f"**/review/{task}/verify")
    assert said["number"] not in second.page.content()
    second.calm()
    key_blind(second.page, said)
    expect(second.page.locator(".note.good")).to_contain_text(FILED[language])
    second.go(f"/documents/{number}")
    expect(second.page.locator(".head .tag.filed")).to_be_visible()
    second.go(f"/register?q={said['number']}")
    expect(second.page.locator("table.rows tbody tr")).to_have_count(1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_verifies_the_own_entry(at: Callable[..., Person], papers: Path, language: str) -> None:
    name = {"zh": "pdf-text/e-toll-road.pdf", "en": "pdf-text/dig-construction-hall.pdf"}[language]
    both = at()
    both.sign_in("clerk2", language)
    hand_in(both, papers / name)
    both.page.locator(".bill a[href^='/review/']").first.click()
    both.page.wait_for_url("**/review/*")
    place = both.page.url
    key_in(both, truth(papers, name))
    expect(both.page.locator(".note.good")).to_be_visible()
    both.expected.add("403")
    both.page.goto(f"{place}/verify")
    expect(both.page.get_by_role("alert")).to_contain_text(OWN[language])


def test_different_entries_go_to_a_third_person(at: Callable[..., Person], papers: Path) -> None:
    name = "pdf-text/dig-special-cloud.pdf"
    said = truth(papers, name)
    clerk, second, third = at(), at(), at()
    clerk.sign_in("clerk")
    number = hand_in(clerk, papers / name)
    clerk.page.locator(".bill a[href^='/review/']").first.click()
    clerk.page.wait_for_url("**/review/*")
    place = clerk.page.url
    key_in(clerk, said)
    expect(clerk.page.locator(".note.good")).to_be_visible()
    second.sign_in("clerk2")
    second.page.goto(place)
    key_blind(second.page, {**said, "total": "1.00"})
    expect(second.page.locator("td.different").first).to_be_visible()
    third.sign_in("chief")
    third.page.goto(place)
    third.page.locator(f"input[value='this:{said['total']}']").check()
    third.page.locator("[data-send]").click()
    expect(third.page.locator(".note.good")).to_be_visible()
    third.go(f"/documents/{number}")
    expect(third.page.locator(".head .tag.filed")).to_be_visible()


def test_the_desk_is_worked_without_a_mouse(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    hand_in(clerk, papers / "pdf-text/e-special-chip.pdf")
    clerk.page.locator(".bill a[href^='/review/']").first.focus()
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_url("**/review/*")
    page = clerk.page
    expect(page.locator("[data-send]")).to_be_focused()  # everything is there: one key would send it
    page.locator('input[name^="value."]:not([readonly])').first.focus()
    first = page.evaluate("document.activeElement.name")
    assert first.startswith("value.")
    page.keyboard.press("Enter")
    second = page.evaluate("document.activeElement.name")
    assert second.startswith("value.")
    assert second != first
    page.keyboard.press("Shift+Enter")
    assert page.evaluate("document.activeElement.name") == first
    locked = page.locator("input[data-locked]").first
    locked.focus()
    assert locked.evaluate("input => input.readOnly")
    page.keyboard.press("F2")
    assert page.evaluate("document.activeElement.readOnly") is False
    page.keyboard.press("F8")
    expect(page.locator("input.reason:visible")).to_have_count(1)
    page.keyboard.type("印章盖住")
    expect(page.locator("#saved")).to_contain_text("草稿已存")
    page.reload()
    expect(page.locator("#checks")).not_to_be_empty()


def test_the_checks_answer_while_one_types(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    hand_in(clerk, papers / "pdf-text/dig-passenger-ride.pdf")
    clerk.page.locator(".bill a[href^='/review/']").first.click()
    total = clerk.page.locator("#f-total")
    expect(total).to_be_visible()
    if total.evaluate("input => input.readOnly"):
        total.focus()
        clerk.page.keyboard.press("F2")
    total.fill("526.00")
    expect(clerk.page.locator("[data-words]")).to_contain_text("伍佰贰拾陆")
    expect(clerk.page.locator("#checks .tag.error").first).to_be_visible()
    number = clerk.page.locator("#f-number")
    if number.evaluate("input => input.readOnly"):
        number.focus()
        clerk.page.keyboard.press("F2")
    number.fill("12")
    expect(number).to_have_attribute("aria-invalid", "true")
    clerk.page.locator("#f-buyer_name").fill("写到一半")
    expect(clerk.page.locator("#saved")).to_contain_text("草稿已存")
    before = clerk.page.locator("select[name=kind]").input_value()
    clerk.page.locator("select[name=kind]").select_option("taxi")
    expect(clerk.page.locator("#f-code")).to_be_visible()
    clerk.page.locator("select[name=kind]").select_option(before)
    expect(clerk.page.locator("#f-buyer_name")).to_have_value("写到一半")
    expect(clerk.page.locator("#checks")).to_be_in_viewport()


def test_a_field_lights_its_place_and_the_other_way_round(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    number = hand_in(clerk, papers / "pdf-text/e-fuel-station.pdf")
    clerk.go(f"/documents/{number}")
    row = clerk.page.locator("tr[data-field$='-seller_tax_id']")
    key = row.get_attribute("data-field")
    row.focus()
    expect(clerk.page.locator(f"rect.lit[data-spot='{key}']").first).to_be_visible()
    clerk.page.locator("h1").hover()
    spot = clerk.page.locator("rect[data-spot$='-date']").first
    spot.hover(force=True)
    expect(clerk.page.locator("tr[data-field$='-date']")).to_have_class("lit")
    clerk.page.get_by_role("button", name="旋转").click()
    assert "rotate(90deg)" in (clerk.page.locator(".leaf").first.get_attribute("style") or "")
    clerk.page.get_by_role("button", name="放大").click()
    clerk.page.wait_for_function("document.querySelector('[data-pan]').style.transform.includes('scale(1.')")


def test_files_are_dropped_and_bad_ones_say_why(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    names = ["locked.pdf", "empty.pdf", "broken.ofd"]
    clerk.page.set_input_files("#files", [papers / "bad" / name for name in names])
    for name in names:
        card = clerk.page.locator(".bill", has_text=name).first
        expect(card).to_have_attribute("data-state", "rejected", timeout=90_000)
    expect(clerk.page.locator(".bill", has_text="locked.pdf").first).to_contain_text("请去掉密码后再发送")
    handed = clerk.page.evaluate_handle(
        "() => { const given = new DataTransfer(); given.items.add(new File(['hello'], '说明.txt')); return given; }"
    )
    clerk.page.dispatch_event("#drop", "drop", {"dataTransfer": handed})
    card = clerk.page.locator(".bill", has_text="说明.txt").first
    expect(card).to_have_attribute("data-state", "rejected", timeout=90_000)


def test_the_register_is_imported_with_its_progress(at: Callable[..., Person], papers: Path) -> None:
    chief = at()
    chief.sign_in("chief")
    chief.go("/register")
    chief.page.set_input_files("#import [name=file]", papers / "全量发票查询导出结果.xlsx")
    chief.page.get_by_role("button", name="读取并比较").click()
    chief.page.get_by_role("button", name="写入台账").click(timeout=90_000)
    expect(chief.page.locator("[data-import=done]")).to_be_visible(timeout=90_000)
    chief.go("/status")
    expect(chief.page.locator(".note.good")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_calm_and_fits(at: Callable[..., Person], width: int, height: int, language: str) -> None:
    admin = at(width, height)
    admin.sign_in("admin", language)
    for path in (
        "/",
        "/documents",
        "/documents?q=nothing",
        "/review",
        "/review?tab=verify",
        "/review?tab=decide",
        "/register",
        "/status",
        "/password",
        "/admin/accounts",
        "/admin/companies",
        "/admin/audit?check=1",
    ):
        admin.go(path)
        admin.calm()


def test_many_files_at_once_have_one_progress_and_each_its_result(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    names = [f"batch-{number}.pdf" for number in range(24)]
    sent = [{"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.4 " + name.encode()} for name in names]
    asked: list[str] = []
    clerk.page.on("request", lambda request: asked.append(request.url) if "/cards?" in request.url else None)
    clerk.page.set_input_files("#files", sent)  # type: ignore[arg-type]  # dicts are what its type is made of
    expect(clerk.page.locator(".batch")).to_be_hidden(timeout=60_000)
    expect(clerk.page.locator(".bill[data-state=rejected]", has_text="batch-")).to_have_count(24, timeout=90_000)
    assert any(url.count("of=") > 1 for url in asked)
    clerk.expected.add("Failed to load resource")
    clerk.page.route("**/upload", lambda route: route.abort())
    clerk.page.set_input_files("#files", papers / "bad" / "locked.pdf")
    failed = clerk.page.locator(".bill.failed")
    expect(failed).to_contain_text("连不上服务器", timeout=30_000)  # after some tries by itself
    clerk.page.unroute("**/upload")
    failed.get_by_role("button", name="再试一次").click()
    expect(clerk.page.locator(".bill[data-state=rejected]", has_text="locked.pdf").first).to_be_visible(timeout=90_000)


def test_a_phone_has_targets_for_fingers(at: Callable[..., Person], papers: Path) -> None:
    clerk = at(390, 844)
    clerk.sign_in("clerk")
    number = hand_in(clerk, papers / "pdf-text/dig-pair.pdf")
    clerk.page.goto(f"{clerk.address}/documents/{number}")
    clerk.page.locator("main a[href^='/review/']").first.click()
    clerk.page.wait_for_url("**/review/*")
    small = clerk.page.evaluate(
        """[...document.querySelectorAll("main button, main summary, main select, .top a, .line > input, .unread")]
           .filter((one) => one.offsetParent)
           .map((one) => [one.textContent.trim(), one.getBoundingClientRect().height])
           .filter(([, height]) => height < 39.5)"""
    )
    assert small == []
