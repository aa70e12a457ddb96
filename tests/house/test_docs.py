"""A setting, a command or a sentence that nobody documented fails here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from intake.config import Settings
from web.serve import main

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: str = "intake") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_each_setting_is_documented_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `INTAKE_{name.upper()}` \| (.+?) \| (.+) \|$", OPERATIONS, re.MULTILINE)
    assert row, f"INTAKE_{name.upper()} is missing in docs/operations.md"
    default = Settings.model_fields[name].default
    shown = row[1].strip("`")
    secret = getattr(default, "get_secret_value", None)
    value = secret() if secret else default
    assert shown == ("empty" if value in {"", None} else str(value).lower() if isinstance(value, bool) else str(value))


def test_no_setting_is_documented_that_does_not_exist() -> None:
    documented = set(re.findall(r"^\| `INTAKE_([A-Z_]+)`", OPERATIONS, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_each_command_is_documented(command: str) -> None:
    assert f"`{command}" in OPERATIONS


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_both_readmes_name_the_two_commands_and_their_links_lead_somewhere(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert "make run" in text
    assert "make test" in text
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_no_lock_names_a_registry() -> None:
    for lock in [*(ROOT / "requirements").glob("*.txt"), ROOT / "web" / "package-lock.json"]:
        text = lock.read_text(encoding="utf-8")
        assert "--index-url" not in text
        assert "resolved" not in (json.loads(text) if lock.suffix == ".json" else {}).get("packages", {})
        assert not re.search(r"https?://(?:registry|pypi|files)\S*", text), lock.name
