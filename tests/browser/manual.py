"""The manual: how each person works, step by step. Each step is done in a real browser and says what it does in both
languages; `screenshots` writes docs/manual from them, and test_manual.py runs them, so that they cannot be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.lively import Lively
from tests.browser.pages import address

Do = Callable[[Page, Lively], None]


@dataclass(frozen=True)
class Step:
    """One step: what is done, and the sentences that tell of it."""

    zh: str
    en: str
    do: Do


@dataclass(frozen=True)
class Flow:
    """How one person works; `name` is part of the pictures' names."""

    name: str
    login: str
    width: int
    height: int
    zh: str
    en: str
    steps: tuple[Step, ...]


def _go(endpoint: str) -> Do:
    return lambda page, desk: _open(page, desk, endpoint)


def _open(page: Page, desk: Lively, endpoint: str) -> None:
    answer = page.goto(desk.address + address(endpoint, desk.numbers))
    assert answer is not None
    assert answer.status == 200, endpoint
    page.wait_for_load_state("networkidle")


def _help(page: Page, _desk: Lively) -> None:
    page.locator("#f-total").focus()
    page.keyboard.press("F1")
    expect(page.locator("dialog#help h2")).to_be_visible()


def _close(page: Page, _desk: Lively) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("#f-total")).to_be_focused()


def _keys(page: Page, _desk: Lively) -> None:
    page.locator("header details.menu > summary").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()


def _menu(page: Page, desk: Lively) -> None:
    _open(page, desk, "documents.listing")
    page.locator("header details.menu > summary").click()
    expect(page.locator("header .more")).to_be_visible()


def _search(page: Page, desk: Lively) -> None:
    _open(page, desk, "documents.listing")
    page.keyboard.press("/")
    page.keyboard.type("training")
    page.keyboard.press("Enter")
    expect(page.locator("table.rows a.main").first).to_be_visible()


FLOWS: Final = (
    Flow(
        "clerk",
        "clerk",
        1280,
        720,
        "录入员：每天的票据",
        "The clerk: the papers of a day",
        (
            Step(
                "登录后在“交票”页把文件拖进来、粘贴，或点“选择文件”。每个文件先保存再给回执号，结果随后出现在卡片上。",
                "Sign in and drop files on the first page, paste them or choose them. Each is kept before its receipt number is shown; the result follows on its card.",
                _go("upload.home"),
            ),
            Step(
                "在“票据”里按 / 键查找，例如文件名、号码或销售方；↑ ↓ 选择，Enter 打开。",
                "Under Papers press / and search a file name, number or seller; ↑ ↓ choose, Enter opens.",
                _search,
            ),
            Step(
                "票据页左边是图像，右边说明为什么台账里没有、依据是什么、现在做什么。",
                "The page of a paper shows the picture, and beside it why it is not in the register, on what evidence, and what to do now.",
                _go("documents.show"),
            ),
            Step(
                "“补录”按缓急排列；按 N 取下一张。",
                "Review is ordered by urgency; N takes the next one.",
                _go("review.queue"),
            ),
            Step(
                "读到的值已填好，只改有标记的项目；图像中对应的位置放大在旁边。Enter 下一项，Ctrl+Enter 提交。",
                "What was read is filled in: correct only what is marked; its place in the picture is shown enlarged. Enter goes on, Ctrl+Enter sends.",
                _go("review.paper"),
            ),
            Step(
                "不清楚某一项时按 F1，出现这一项的帮助；Esc 关闭，光标回到原处。",
                "Unsure about a field? F1 shows its help; Esc closes it and the cursor is back.",
                _help,
            ),
            Step("Esc 之后继续录入。", "After Esc go on keying.", _close),
            Step("按 ? 显示本页的所有键。", "? shows all keys of the page.", _keys),
        ),
    ),
    Flow(
        "phone",
        "clerk",
        390,
        844,
        "手机上的同事：两下交一张票",
        "A colleague with a phone: two taps",
        (
            Step(
                "点“拍照”或“选择文件”，拍清楚整张票后确认。",
                "Tap to take a picture or choose a file, and confirm when the whole paper is sharp.",
                _go("upload.home"),
            ),
            Step(
                "在“我的票据”查看自己交的票走到了哪一步。",
                "My papers shows how far each of one's own has come.",
                _go("upload.mine"),
            ),
            Step("其余功能在“更多”里。", "Everything else is under More.", _menu),
        ),
    ),
    Flow(
        "second",
        "chief",
        1280,
        720,
        "复核与裁定",
        "Verifying and deciding",
        (
            Step(
                "复核人看不到第一次录入的值：对着图像重录关键项目，一致就入账。",
                "Who verifies does not see the first entry: key the critical fields from the picture; equal entries are filed.",
                _go("second.verify"),
            ),
            Step(
                "两次录入不同时由第三人对照图像裁定。",
                "Where two entries differ a third person decides by the picture.",
                _go("deciding.decide"),
            ),
        ),
    ),
    Flow(
        "supervisor",
        "chief",
        1280,
        720,
        "主管：台账、来源与核销",
        "The supervisor: register, sources and uses",
        (
            Step(
                "“台账导入”先读成草稿，看清新增、变更和被拒绝的行，再生效；生效后可以整次撤回。",
                "An import is a draft first: see what is new, changed and refused, then apply it; it can be rolled back as a whole.",
                _go("imports.show"),
            ),
            Step(
                "“台账来源”说明每个来源新到哪一天、哪里出错；维护期间可以临时绕过。",
                "Sources tell how far each reaches and what fails; one under maintenance can be left out for a while.",
                _go("sources.overview"),
            ),
            Step(
                "“缺口清单”列出台账里有、票却没有交来的发票。",
                "Gaps lists invoices of the register whose papers never came.",
                _go("gaps.show"),
            ),
            Step(
                "“核销”里为凭证锁定发票，一张票只能用一次。",
                "Uses locks invoices for vouchers, each only once.",
                _go("uses.listing"),
            ),
        ),
    ),
    Flow(
        "administrator",
        "admin",
        1280,
        720,
        "管理员：账号、名录与审计",
        "The administrator: accounts, companies and audit",
        (
            Step("“更多”里有全部管理页面。", "More holds every page of administration.", _menu),
            Step(
                "建立账号；密码只显示一次，请当面交给本人。",
                "Make accounts; a password is shown once: hand it over.",
                _go("admin.accounts_page"),
            ),
            Step(
                "在“本单位名录”登记名称、税号和起止日期；更名、合并、分立都保留历史。",
                "Our companies holds names and tax ids with their days; changes, mergers and splits keep their history.",
                _go("companies.listing"),
            ),
            Step(
                "“审计日志”可以校验整条链。", "The audit log can be verified as a whole chain.", _go("admin.audit_page")
            ),
            Step(
                "“状态”核对收到的每一份都有下落。",
                "Status shows that everything received is accounted for.",
                _go("admin.status"),
            ),
        ),
    ),
)


def picture(flow: Flow, number: int, language: str) -> str:
    """The name of a step's picture."""
    return f"{flow.name}-{number}-{language}.webp"


def walk(flow: Flow, page: Page, desk: Lively) -> Iterator[int]:
    """Do the steps of a flow; yields each one's number when it is done."""
    for number, step in enumerate(flow.steps, 1):
        step.do(page, desk)
        yield number


def written(language: str) -> str:
    """The manual as Markdown."""
    chinese = language == "zh"
    lines = [
        "# 使用手册" if chinese else "# Manual",
        "",
        "步骤和图片由浏览器测试生成（`make screenshots`），请改 `tests/browser/manual.py`。"
        if chinese
        else "Steps and pictures are made by the browser tests (`make screenshots`); change `tests/browser/manual.py`.",
        "",
        "任何位置按 **F1** 看帮助，按 **?** 看键盘。"
        if chinese
        else "**F1** opens the help of the place, **?** the keys.",
    ]
    for flow in FLOWS:
        lines += ["", f"## {flow.zh if chinese else flow.en}"]
        for number, step in enumerate(flow.steps, 1):
            said = step.zh if chinese else step.en
            lines += ["", f"{number}. {said}", "", f"   ![{said}](pictures/{picture(flow, number, language)})"]
    return "\n".join(lines) + "\n"
