from __future__ import annotations

from tests.web.importing import TABLE, bring
from tests.web.site import NUMBER, Site


def test_the_register_is_searched_by_number_name_day_and_status(site: Site) -> None:
    chief = site.client("supervisor")
    assert "台账还是空的" in chief.get("/register").text
    bring(site, chief, TABLE)
    group = f"{NUMBER[:4]} {NUMBER[4:8]}"
    for query in (f"q={NUMBER}", "q=示例文具", "from=2026-07-01&to=2026-07-31", "status=normal", "row=1"):
        assert group in chief.get(f"/register?{query}").text, query
    for query in ("q=999", "from=2026-08-01", "status=void", "row=99"):
        page = chief.get(f"/register?{query}").text
        assert group not in page, query
        assert "台账里没有符合条件的记录" in page
    assert "2026-07-24 至 2026-07-24" in chief.get("/register").text
