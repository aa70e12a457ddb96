"""The commands, run as a person runs them, on the real reader, database and files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INTAKE = Path(sys.executable).with_name("intake")


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")}  # noqa: TID251 - a child's environment
    return kept | {"INTAKE_DATA": str(data), "INTAKE_WORKERS": "1", "OMP_THREAD_LIMIT": "1"} | more


def intake(data: Path, *arguments: object, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [INTAKE, *map(str, arguments)],
        env=environment(data, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert run.returncode == code, run.stdout + run.stderr
    return run


def counts(data: Path) -> dict[str, int]:
    return {
        name: int(number)
        for name, number in re.findall(r"^(\w+)\s+(\d+)$", intake(data, "status").stdout, re.MULTILINE)
    }


def bundle(place: Path, papers: list[Path]) -> Path:
    with zipfile.ZipFile(place, "w") as file:
        for paper in papers:
            file.write(paper, paper.name)
    return place


@contextmanager
def process(data: Path, command: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to stop; it must end by itself then."""
    running = subprocess.Popen(
        [INTAKE, command], env=environment(data, **more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield running
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)
        assert running.returncode == 0, output
    finally:
        running.kill()
        running.communicate()


def until(data: Path, **wanted: int) -> dict[str, int]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        seen = counts(data)
        if all(seen[name] == number for name, number in wanted.items()):
            return seen
        time.sleep(0.5)
    pytest.fail(f"wanted {wanted}, saw {seen}")


def test_read_prints_one_object_a_file_and_changes_nothing(tmp_path: Path, made: Path) -> None:
    data = tmp_path / "data"
    xml = min((made / "xml").glob("*.xml"))
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    run = intake(data, "read", "--json", xml, empty, tmp_path / "absent.pdf")
    read, refused, absent = (json.loads(line) for line in run.stdout.splitlines())
    assert read["file"] == f"xml/{xml.name}"
    assert read["sha256"] == hashlib.sha256(xml.read_bytes()).hexdigest()
    assert (read["status"], read["reason"]) == ("read", None)
    (invoice,) = read["invoices"]
    assert set(invoice) == {"kind", "page", "fields", "proven"}
    assert {"number", "date", "total"} <= set(invoice["proven"])
    assert (refused["status"], refused["reason"], refused["invoices"]) == ("rejected", "empty", [])
    assert (absent["status"], absent["reason"]) == ("rejected", "no_file")
    assert not data.exists()


def test_read_gives_the_invoices_of_an_archive_together_and_words_for_people(tmp_path: Path, made: Path) -> None:
    papers = sorted((made / "xml").glob("*.xml"))[:2]
    note = tmp_path / "note.txt"
    note.write_text("two invoices", encoding="utf-8")
    archive = bundle(tmp_path / "two.zip", [note, *papers])
    (line,) = intake(tmp_path / "data", "read", "--json", archive).stdout.splitlines()
    assert len(json.loads(line)["invoices"]) == len(papers)
    shown = intake(tmp_path / "data", "read", papers[0]).stdout
    assert "proven" in shown
    assert "number" in shown


def test_the_first_accounts_are_printed_once(tmp_path: Path) -> None:
    first = intake(tmp_path, "db", "upgrade").stdout
    assert [line.split()[0] for line in first.splitlines()[1:]] == ["clerk", "clerk2", "admin"]
    assert intake(tmp_path, "db", "upgrade").stdout == ""
    assert intake(tmp_path, "db", "version").stdout.strip() != "empty"


def test_the_demo_fills_an_empty_desk_and_leaves_a_used_one_alone(tmp_path: Path, made: Path) -> None:
    assert "register rows" in intake(tmp_path, "demo", "--if-empty", made).stdout
    received = counts(tmp_path)["received"]
    assert received > 0
    assert intake(tmp_path, "demo", "--if-empty", made).stdout == ""
    assert counts(tmp_path)["received"] == received


def test_a_register_file_is_imported_with_its_counts_and_a_wrong_one_refused_in_one_sentence(
    tmp_path: Path, made: Path
) -> None:
    first = intake(tmp_path, "register", "import", made / "register.csv")
    again = intake(tmp_path, "register", "import", made / "register.csv")
    new = re.search(r"new (\d+)", first.stdout)
    assert new
    assert int(new[1]) > 0
    assert f"new 0, changed 0, same {new[1]}" in again.stdout
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("姓名,年龄\n张三,30\n", encoding="utf-8")
    refused = intake(tmp_path, "register", "import", wrong, code=1)
    assert "cannot be imported" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_work_reads_what_was_submitted_and_what_lies_in_the_watched_folder(tmp_path: Path, made: Path) -> None:
    papers = sorted((made / "xml").glob("*.xml"))[:2]
    receipt = intake(tmp_path, "submit", papers[0], bundle(tmp_path / "two.zip", papers)).stdout
    assert re.match(r"\d{8}-\d{6}  ", receipt)
    with process(tmp_path, "work", INTAKE_SETTLE="0.3") as _:
        deadline = time.monotonic() + 30
        inbox = tmp_path / "inbox"
        while not inbox.is_dir() and time.monotonic() < deadline:
            time.sleep(0.1)
        (inbox / "empty.pdf").write_bytes(b"")
        final = until(tmp_path, queued=0, working=0, received=5)
        note = inbox / "failed" / "empty.pdf"
        while not note.is_file() and time.monotonic() < deadline + 60:
            time.sleep(0.1)
    assert final.pop("received") == sum(final.values())
    assert (final["unpacked"], final["rejected"]) == (1, 1)
    assert note.is_file()
    assert list((inbox / "failed").glob("*.txt"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_serve_answers_until_it_is_stopped_and_holds_its_data_folder(tmp_path: Path) -> None:
    port = str(free_port())
    with process(tmp_path, "serve", INTAKE_PORT=port) as _:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    assert answer.status == 200
                    break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline
                time.sleep(0.3)
        second = intake(tmp_path, "serve", code=1, INTAKE_PORT=str(free_port()))
        assert "already works on this data folder" in second.stderr
        assert "Traceback" not in second.stderr


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        refused = intake(tmp_path, "serve", code=1, INTAKE_PORT=str(holder.getsockname()[1]))
    assert "set another INTAKE_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
