from __future__ import annotations

import pytest

from intake.model import OfficialOutcome
from intake.official.vocabularies import Vendor, outcome_of, worth_repeating

Out, V = OfficialOutcome, Vendor


@pytest.mark.parametrize(
    ("vendor", "code", "sign", "expected"),
    [
        (V.TENCENT, "", "", Out.CONSISTENT),
        (V.TENCENT, "", "N", Out.CONSISTENT),
        (V.TENCENT, "", "Y", Out.VOID),
        (V.TENCENT, "FailedOperation.InvoiceMismatch", "", Out.INCONSISTENT),
        (V.TENCENT, "ResourceNotFound.NoInvoice", "", Out.NOT_FOUND),
        (V.TENCENT, "FailedOperation.CountLimitError", "", Out.LIMIT_EXCEEDED),
        (V.TENCENT, "AuthFailure.SignatureExpire", "", Out.QUOTA),
        (V.TENCENT, "InvalidParameterValue.InvalidParameterValueLimit", "", Out.BAD_REQUEST),
        (V.TENCENT, "LimitExceeded.TooLargeFileError", "", Out.QUOTA),
        (V.TENCENT, "RequestLimitExceeded", "", Out.UPSTREAM_ERROR),
        (V.TENCENT, "InternalError", "", Out.UPSTREAM_ERROR),
        (V.BAIDU, "0001", "N", Out.CONSISTENT),
        (V.BAIDU, "0001", "Y", Out.VOID),
        (V.BAIDU, "0001", "H", Out.RED_FULL),
        (V.BAIDU, "0001", "QH", Out.RED_FULL),
        (V.BAIDU, "0001", "BH", Out.RED_PART),
        (V.BAIDU, "0002", "", Out.LIMIT_EXCEEDED),
        (V.BAIDU, "0006", "", Out.INCONSISTENT),
        (V.BAIDU, "0009", "Y", Out.NOT_FOUND),
        (V.BAIDU, "1014", "", Out.TODAY_NOT_AVAILABLE),
        (V.BAIDU, "1015", "", Out.TOO_OLD),
        (V.BAIDU, "1021", "", Out.UPSTREAM_ERROR),
        (V.JUMDATA, "200", "", Out.CONSISTENT),
        (V.JUMDATA, "201", "", Out.NOT_FOUND),
        (V.JUMDATA, "206", "", Out.UPSTREAM_ERROR),
        (V.JUMDATA, "207", "", Out.UNSUPPORTED),
        (V.JUMDATA, "603", "", Out.QUOTA),
    ],
)
def test_a_vendors_words_are_ours(vendor: Vendor, code: str, sign: str, expected: OfficialOutcome) -> None:
    assert outcome_of(vendor, code, sign) is expected


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize("code", ["new", "0010", "timeout", "AuthFailur", "404 not found"])
def test_a_code_nobody_knows_is_the_vendors_fault_and_never_not_found(vendor: Vendor, code: str) -> None:
    assert outcome_of(vendor, code) is Out.UPSTREAM_ERROR


def test_only_a_fault_of_the_service_is_asked_again_at_once() -> None:
    assert {outcome for outcome in Out if worth_repeating(outcome)} == {Out.UPSTREAM_ERROR}
