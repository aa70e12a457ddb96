"""The libraries of the pages: locked by integrity, fetched at build time, never committed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from hatch_build import fetch, integrity

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
VENDOR = WEB / "static" / "vendor"


def test_the_lock_names_integrities_and_no_address() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text("utf-8"))["packages"]
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_a_current_folder_is_left_alone() -> None:
    assert fetch(ROOT) is False


def test_the_manifest_describes_what_is_there() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    assets = json.loads((WEB / "assets.json").read_text("utf-8"))
    assert set(manifest["files"]) == {target for files in assets.values() for target in files.values()}
    for name, value in manifest["files"].items():
        assert integrity(VENDOR / name) == value, name
    assert {package["license"] for package in manifest["packages"].values()} <= {"MIT", "0BSD"}


def test_every_library_is_used_with_its_integrity() -> None:
    pages = "".join(place.read_text("utf-8") for place in (WEB / "templates").rglob("*.html"))
    used = set(re.findall(r"vendor\('([^']+)'\)", pages))
    fetched = {path.name for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}}
    assert used == fetched
    for line in pages.splitlines():
        if re.search(r"<(script|link)[^>]+\.url", line):
            assert "integrity=" in line


def test_nothing_foreign_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "web/static", "web/node_modules"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    assert not any(name.startswith(("web/static/vendor", "web/node_modules")) for name in listed)
