"""What the pipeline says of a file, as the small JSON that is kept beside the tests."""

from __future__ import annotations

from intake.cli import FIELDS
from intake.model import (
    Ambiguous,
    Attached,
    Decided,
    Decision,
    Filed,
    Level,
    Matched,
    MatchOutcome,
    NeedsReview,
    Rejected,
    Unmatched,
    Unpacked,
    Verdict,
)

Said = dict[str, object]


def said(verdict: Verdict) -> Said:
    """The verdict with what a person would act on; what is only shown (remark, drawer, boxes) is left out."""
    match verdict:
        case Rejected():
            return {"verdict": "rejected", "reason": verdict.reason}
        case Unpacked():
            return {"verdict": "unpacked", "members": [member.name for member in verdict.members]}
        case Decided():
            return {"verdict": "decided", "invoices": [_invoice(decision) for decision in verdict.decisions]}


def _invoice(decision: Decision) -> Said:
    invoice = decision.invoice
    fields = {name: invoice.value(field) for field, name in FIELDS.items() if invoice.value(field) is not None}
    found: Said = {
        "decision": _name(decision),
        "kind": invoice.kind.value,
        "key": decision.key,
        "fields": fields,
        "proven": [name for field, name in FIELDS.items() if invoice.proven(field)],
        "findings": sorted(finding.code for finding in decision.findings if finding.level is not Level.OK),
    }
    match decision:
        case Filed():
            found["match"] = _match(decision.match)
        case NeedsReview():
            found["match"] = _match(decision.match)
            found["cause"] = decision.diagnosis.cause.value
            found["next_step"] = decision.diagnosis.next_step.value
        case Attached():
            pass
    return found


def _name(decision: Decision) -> str:
    match decision:
        case Filed():
            return "filed"
        case NeedsReview():
            return "needs_review"
        case Attached():
            return "attached"


def _match(outcome: MatchOutcome) -> list[str]:
    """The level of each candidate, best first; empty when the register has nothing like it."""
    match outcome:
        case Matched():
            return [outcome.candidate.level.name]
        case Ambiguous():
            return [candidate.level.name for candidate in outcome.candidates]
        case Unmatched():
            return []
