from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr.child import pack
from ocr.errors import CrashedError, EncryptedError, NoPagesError, TimeoutReadingError, TruncatedError
from ocr.sandbox import Sandbox, _Plain
from ocr.types import Box, Kind, Limits
from tests.ocr.papers import INVOICE_TEXTS, Pdf, PdfPage, digital_xml, invoice_pdf, picture, zipped

TASKS = "tests.ocr.hostile_tasks"
LIMITS = Limits(seconds=20.0, cpu_seconds=20, memory_bytes=2 * 1024**3)
PATIENCE = 20.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made


def pid_of(sandbox: Sandbox) -> int:
    found = sandbox.call(f"{TASKS}:pid")
    assert isinstance(found, int)
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][:1]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_pages_are_rendered_in_the_child(sandbox: Sandbox) -> None:
    data = Pdf([PdfPage(INVOICE_TEXTS), PdfPage(image=picture())]).build()
    upright = Image.open(io.BytesIO(sandbox.render(data, 1, 0, 300)))
    turned = Image.open(io.BytesIO(sandbox.render(data, 1, 90, 300)))
    assert max(upright.size) == max(turned.size) == 300
    assert upright.size == turned.size[::-1]
    assert np.asarray(upright)[10, 10].max() < 60
    assert np.asarray(turned)[10, -10].max() < 60


@pytest.mark.parametrize(
    ("data", "media_type"), [(invoice_pdf(), "application/pdf"), (digital_xml(), "application/xml")]
)
def test_a_file_is_read_in_the_child(sandbox: Sandbox, data: bytes, media_type: str) -> None:
    extraction = sandbox.read(data, "x")
    assert extraction.media_type == media_type
    assert len(extraction.receipts) == 1


def test_enums_come_back_from_a_python_that_pickles_them_by_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kind, "__reduce_ex__", lambda kind, _protocol: (getattr, (Kind, kind.name)))
    with pytest.raises(pickle.UnpicklingError):
        _Plain(io.BytesIO(pickle.dumps(Kind.TAXI))).load()
    assert _Plain(io.BytesIO(pack(("done", (Kind.TAXI, None))))).load() == ("done", (Kind.TAXI, None))


def test_the_members_of_a_zip_come_back(sandbox: Sandbox) -> None:
    found = sandbox.members(zipped({"a.pdf": invoice_pdf(), "b.xml": digital_xml()}))
    assert [(member.name, member.data) for member in found] == [("a.pdf", invoice_pdf()), ("b.xml", digital_xml())]
    assert sandbox.members(invoice_pdf()) == ()


def test_the_reason_of_a_file_passes_through_and_the_child_stays(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    with pytest.raises(EncryptedError, match="locked inside"):
        sandbox.call(f"{TASKS}:refuse")
    with pytest.raises(TruncatedError):
        sandbox.render(invoice_pdf()[:500], 0, 0, 100)
    with pytest.raises(NoPagesError):
        sandbox.render(invoice_pdf(), 7, 0, 100)
    with pytest.raises(NoPagesError):
        sandbox.render(digital_xml(), 0, 0, 100)
    assert pid_of(sandbox) == before


@pytest.mark.parametrize(("task", "detail"), [("crash", "SIGSEGV"), ("abort", "SIGABRT"), ("leave", "3")])
def test_a_child_that_breaks_down_is_told_and_replaced(sandbox: Sandbox, task: str, detail: str) -> None:
    before = pid_of(sandbox)
    with pytest.raises(CrashedError, match=detail):
        sandbox.call(f"{TASKS}:{task}")
    assert pid_of(sandbox) != before
    assert is_gone(before)


def test_a_child_killed_in_mid_task_is_told_and_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    mark = tmp_path / "begun"

    def kill() -> None:
        if eventually(lambda: mark.exists() and mark.read_text(encoding="utf-8") != ""):
            os.kill(int(mark.read_text(encoding="utf-8")), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(CrashedError, match="SIGKILL"):
        sandbox.call(f"{TASKS}:wait_for", str(mark), PATIENCE)
    killer.join()
    assert sandbox.call(f"{TASKS}:echo", 7) == 7


def test_a_child_killed_while_idle_costs_nothing(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: is_gone(before))
    assert sandbox.call(f"{TASKS}:echo", "still here") == "still here"


@pytest.mark.parametrize("task", ["hang", "spin"])
def test_a_child_that_never_answers_is_killed_and_replaced(task: str) -> None:
    with Sandbox(replace(LIMITS, seconds=0.3)) as sandbox:
        before = pid_of(sandbox)
        with pytest.raises(TimeoutReadingError):
            sandbox.call(f"{TASKS}:{task}")
        assert is_gone(before)
        assert sandbox.call(f"{TASKS}:echo", 1) == 1


def test_the_processor_time_of_a_task_is_limited() -> None:
    with Sandbox(replace(LIMITS, cpu_seconds=0)) as sandbox, pytest.raises(TimeoutReadingError, match="CPU"):
        sandbox.call(f"{TASKS}:spin")


def test_memory_is_limited_and_the_next_call_has_all_of_it_again() -> None:
    with Sandbox(replace(LIMITS, memory_bytes=512 * 1024**2)) as sandbox:
        before = pid_of(sandbox)
        with pytest.raises(CrashedError, match="MemoryError"):
            sandbox.call(f"{TASKS}:fill_memory")
        assert pid_of(sandbox) != before
        assert sandbox.call(f"{TASKS}:echo", b"x" * 10_000_000) == b"x" * 10_000_000


def test_a_bug_in_a_reader_is_a_breakdown_with_its_trace(sandbox: Sandbox) -> None:
    with pytest.raises(CrashedError, match="missing"):
        sandbox.call(f"{TASKS}:stumble")
    assert sandbox.call(f"{TASKS}:echo", 1) == 1


def test_only_plain_values_and_the_types_of_reading_come_back(sandbox: Sandbox) -> None:
    assert sandbox.call(f"{TASKS}:box") == Box(0.1, 0.2, 0.3, 0.4)
    with pytest.raises(CrashedError, match="pathlib"):
        sandbox.call(f"{TASKS}:smuggle")
    assert sandbox.call(f"{TASKS}:echo", 1) == 1


def test_a_child_is_replaced_after_its_tasks() -> None:
    with Sandbox(LIMITS, tasks=3) as sandbox:
        pids = [pid_of(sandbox) for _ in range(7)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4] == pids[5] != pids[6]
    assert all(is_gone(pid) for pid in pids)


def test_threads_share_a_sandbox_and_each_gets_its_own_answer(sandbox: Sandbox) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = sandbox.call(f"{TASKS}:echo", number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number for number in range(8)}


def test_the_child_outlives_the_thread_that_first_asked(sandbox: Sandbox) -> None:
    found: list[int] = []
    first = threading.Thread(target=lambda: found.append(pid_of(sandbox)))
    first.start()
    first.join()
    assert sandbox.call(f"{TASKS}:echo", 1) == 1
    assert pid_of(sandbox) == found[0]


def test_the_child_sees_nothing_of_the_parents_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTAKE_SECRET_KEY", "hidden")
    assert sandbox.call(f"{TASKS}:environment", "INTAKE_SECRET_KEY") == ""
    assert sandbox.call(f"{TASKS}:environment", "OMP_THREAD_LIMIT") == "1"


def test_closing_ends_the_child_and_may_be_repeated() -> None:
    sandbox = Sandbox(LIMITS)
    sandbox.close()
    pid = pid_of(sandbox)
    sandbox.close()
    sandbox.close()
    assert is_gone(pid)


def test_the_child_dies_with_a_killed_parent() -> None:
    code = (
        "import sys, time; from ocr.sandbox import Sandbox; from ocr.types import Limits; s = Sandbox(Limits()); "
        f"print(s.call('{TASKS}:pid'), flush=True); time.sleep({PATIENCE})"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    assert eventually(lambda: is_gone(child))


@pytest.mark.parametrize("answer", [True, False])
def test_a_task_may_ask_this_process_while_it_runs(sandbox: Sandbox, answer: bool) -> None:
    heard: list[object] = []

    def reply(value: object) -> bool:
        heard.append(value)
        return answer

    assert sandbox.call(f"{TASKS}:ask", Box(0, 0, 1, 1), ask=reply) is answer
    assert heard == [Box(0, 0, 1, 1)]


def test_a_question_that_cannot_be_answered_ends_the_child_and_is_told(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)

    def fail(_value: object) -> bool:
        raise ConnectionError("the register is away")

    with pytest.raises(ConnectionError):
        sandbox.call(f"{TASKS}:ask", "?", ask=fail)
    assert pid_of(sandbox) != before


def test_a_child_that_asks_without_end_has_crashed(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    with pytest.raises(CrashedError):
        sandbox.call(f"{TASKS}:ask_on_and_on", ask=lambda _value: False)
    assert pid_of(sandbox) != before
