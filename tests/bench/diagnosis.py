"""``python -m tests.bench.diagnosis --cases 2000``: the confusion tables, the cases that went wrong, and a verdict."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.accuracy.diagnosis.measure import Result, confusion, run
from tests.bench.tables import show

PLACE = Path("build/accuracy/diagnosis.json")


def main() -> int:
    """Decide, print, save; 1 when anything was not as labelled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", default="judge")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        began = time.process_time()
        results = run(given.seed, given.cases, Path(folder))
        seconds = time.process_time() - began
    causes = confusion([(one.expected, one.said) for one in results])
    levels = confusion([(one.expected_level, one.level) for one in results if one.said != "joined"])
    show("Causes: expected by row, said by column", causes)
    show("Levels of match: expected by row, found by column", levels)
    wrong = [one for one in results if not one.right]
    for one in wrong[:20]:
        print(_told(one))
    filed = sum(one.wrongly_filed for one in results)
    print(
        f"\n{len(results)} cases of {len(Counter(one.case.family for one in results))} families, {len(wrong)} not as "
        f"labelled, {filed} matched wrongly by the machine; {1000 * seconds / len(results):.1f} ms of CPU a case, all in all"
    )
    figures = {"cases": len(results), "wrong": len(wrong), "wrongly_matched": filed, "causes": causes, "levels": levels}
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if wrong else 0


def _told(one: Result) -> str:
    return (
        f"{one.case.family}: expected {one.expected} {one.expected_level} {sorted(one.case.also)}, said {one.said} "
        f"{one.level} {sorted(one.also)}, the right row {'shown' if one.meant else 'not shown'}"
    )


if __name__ == "__main__":
    sys.exit(main())
