from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from intake.sources.credentials import Credentials


def test_a_secret_is_a_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    kept = Credentials(tmp_path / "sources")
    assert kept.get("erp") is None
    kept.put("erp", SecretStr("first"))
    kept.put("erp", SecretStr("第二个"))
    found = kept.get("erp")
    assert found is not None
    assert found.get_secret_value() == "第二个"
    assert (tmp_path / "sources").stat().st_mode & 0o777 == 0o700
    assert [place.stat().st_mode & 0o777 for place in (tmp_path / "sources").iterdir()] == [0o600]


def test_secrets_of_other_sources_are_others(tmp_path: Path) -> None:
    kept = Credentials(tmp_path)
    kept.put("../a", SecretStr("one"))
    kept.put("a", SecretStr("two"))
    kept.forget("a")
    kept.forget("a")
    assert kept.get("a") is None
    found = kept.get("../a")
    assert found is not None
    assert found.get_secret_value() == "one"
    assert all(place.parent == tmp_path for place in tmp_path.rglob("*"))
