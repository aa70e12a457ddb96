"""What went wrong, said to people: one table from exception to HTTP status, one page and one JSON shape.

Errors nobody foresaw show a reference number that is in the log beside the trace; the trace is never shown.
"""

from __future__ import annotations

import secrets
from typing import Final

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from intake import errors as intake_errors
from intake.errors import IntakeError
from web.language import language, say
from web.security import ForgottenPageError, SignInNeededError

log = structlog.get_logger()

STATUS: Final[dict[type[IntakeError], int]] = {
    intake_errors.IntakeError: 500,
    intake_errors.ForbiddenError: 403,
    intake_errors.NotFoundError: 404,
    intake_errors.TooLargeUploadError: 413,
    intake_errors.EmptyUploadError: 400,
    intake_errors.TooManyUploadsError: 429,
    intake_errors.OffsetWrongError: 409,
    intake_errors.UploadBusyError: 423,
    intake_errors.ChecksumWrongError: 460,  # of the tus protocol
    intake_errors.TaskTakenError: 409,
    intake_errors.TaskStateError: 409,
    intake_errors.CannotReplaceError: 409,
    intake_errors.OwnEntryError: 403,
    intake_errors.EntryIncompleteError: 422,
    intake_errors.KeyConflictError: 409,
    intake_errors.UseBlockedError: 409,
    intake_errors.UseTakenError: 409,
    intake_errors.UseStateError: 409,
    intake_errors.ConflictUsedError: 409,
    intake_errors.VoucherMissingError: 422,
    intake_errors.ReasonMissingError: 422,
    intake_errors.ImportRefusedError: 422,
    intake_errors.ImportStateError: 409,
    intake_errors.LaterImportError: 409,
    intake_errors.MappingError: 422,
    intake_errors.ClaimLostError: 409,
    intake_errors.DataFolderLockedError: 503,
    intake_errors.ConfigurationError: 500,
    intake_errors.LoginTakenError: 409,
    intake_errors.CompanyRefusedError: 422,
    intake_errors.WeakPasswordError: 422,
    intake_errors.SourceWrongError: 422,
    intake_errors.SourceBusyError: 409,
    intake_errors.SourceWaitsError: 409,
    intake_errors.BypassWrongError: 422,
    intake_errors.WindowWrongError: 422,
    intake_errors.BudgetSpentError: 409,
    intake_errors.VendorOffError: 409,
}

HTTP_CODES: Final = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method",
    413: "too_large",
    415: "bad_request",
    429: "too_many",
}


def install(app: Flask) -> None:
    """Answer every exception of the application with a sentence and a remedy."""
    app.register_error_handler(IntakeError, _known)
    app.register_error_handler(SignInNeededError, _sign_in)
    app.register_error_handler(ForgottenPageError, _forgotten)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def wants_json() -> bool:
    """Whether the caller is a program."""
    return request.path.startswith("/api/")


def is_fragment() -> bool:
    """Whether a part of a page was asked for by htmx or the upload script, in one piece or in many."""
    return any(name in request.headers for name in ("HX-Request", "X-Intake-Upload", "Tus-Resumable"))


def answer(code: str, status: int, *, reference: str = "", fields: tuple[str, ...] = ()) -> tuple[str | Response, int]:
    """The same words as JSON, as a fragment, or as a page."""
    if wants_json():
        body: dict[str, object] = {"error": code, "message": say(code)}
        if reference:
            body["reference"] = reference
        if fields:
            body["fields"] = list(fields)
        return jsonify(body), status
    template = "parts/error.html" if is_fragment() else "error.html"
    return render_template(template, code=code, sentence=say(code), status=status, reference=reference), status


def _known(error: IntakeError) -> tuple[str | Response, int]:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if status >= 500:
        return _with_reference(error, error.code, status)
    fields = error.fields if isinstance(error, intake_errors.EntryIncompleteError) else ()
    log.info("refused", code=error.code, detail=error.detail, path=request.path)
    return answer(error.code, status, fields=fields)


def _sign_in(error: SignInNeededError) -> tuple[str | Response, int] | AnyResponse:
    target = request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else None
    place = url_for("auth.sign_in", next=target)
    if wants_json():
        return answer(error.code, 401)
    if is_fragment():
        response = Response(render_template("parts/error.html", code=error.code, sentence=say(error.code)), 401)
        response.headers["HX-Redirect"] = place
        return response
    return redirect(place)


def _forgotten(error: ForgottenPageError) -> tuple[str | Response, int]:
    log.error("a page without a right", endpoint=request.endpoint)
    return answer(error.code, 403)


def _stale_form(error: CSRFError) -> tuple[str | Response, int]:
    log.info("form without a valid token", detail=error.description, path=request.path)
    return answer("stale_form", 400)


def _http(error: HTTPException) -> tuple[str | Response, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error  # a redirect
    if status >= 500:
        return _with_reference(error, "error", status)
    return answer(HTTP_CODES.get(status, "bad_request"), status)


def _unforeseen(error: Exception) -> tuple[str | Response, int]:
    return _with_reference(error, "error", 500)


def _with_reference(error: Exception, code: str, status: int) -> tuple[str | Response, int]:
    reference = secrets.token_hex(4).upper()
    who = g.get("actor")
    log.error(
        "request broke",
        reference=reference,
        path=request.path,
        method=request.method,
        actor=who.login if who else None,
        language=language().value,
        exc_info=error,
    )
    return answer(code, status, reference=reference)
