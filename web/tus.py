"""Uploads that can be resumed, by the tus protocol 1.0: creation, termination, expiration, checksum.

What is kept, and when, is decided in `intake/uploads.py`; this module only speaks the protocol. The web server hands
a piece on when it is whole, so a broken line costs at most the piece on its way.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import BadRequest, PreconditionFailed, UnsupportedMediaType
from werkzeug.http import http_date

from intake.model import Channel
from intake.roles import Action
from intake.uploads import Upload
from web.security import actor, needs
from web.service import intake
from web.upload import corners_of, number_of

pages = Blueprint("tus", __name__, url_prefix="/uploads")
VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,expiration,checksum"
ALGORITHMS: Final = ("sha1", "sha256")
PIECE: Final = "application/offset+octet-stream"


@pages.after_request
def _sign(response: Response) -> Response:
    """Every answer names the version it speaks."""
    response.headers["Tus-Resumable"] = VERSION
    return response


@pages.route("", methods=["OPTIONS"])
@needs(Action.SUBMIT)
def speak() -> Response:
    """What this server can do."""
    said = Response(status=204)
    said.headers["Tus-Version"] = VERSION
    said.headers["Tus-Extension"] = EXTENSIONS
    said.headers["Tus-Max-Size"] = str(intake().settings.max_upload)
    said.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return said


@pages.post("")
@needs(Action.SUBMIT)
def begin() -> Response:
    """Announce a file; the address of its upload is in ``Location``, how much of it is here already in ``Upload-Offset``."""
    _same_version()
    about = _metadata()
    upload = intake().uploads.begin(
        actor(),
        _whole_number("Upload-Length"),
        about.get("filename", ""),
        Channel.PHONE if about.get("channel") == Channel.PHONE else Channel.WEB,
        token=about.get("token", ""),
        replaces=number_of(about.get("replaces")),
        cut=corners_of(about.get("corners")),
    )
    response = _standing(upload, 201)
    response.headers["Location"] = url_for("tus.standing", upload=upload.id)
    return response


@pages.get("/<upload>")  # Flask answers HEAD with it
@needs(Action.SUBMIT)
def standing(upload: str) -> Response:
    """How far an upload is."""
    found = intake().uploads.find(actor(), upload)
    response = _standing(found, 200 if request.method == "HEAD" else 204)
    response.headers["Upload-Length"] = str(found.size)
    return response


@pages.patch("/<upload>")
@needs(Action.SUBMIT)
def append(upload: str) -> Response:
    """Take a piece. With the last one the answer names the document: ``Intake-Document``."""
    _same_version()
    if request.mimetype != PIECE:
        raise UnsupportedMediaType
    checksum = _checksum()
    return _standing(
        intake().uploads.append(actor(), upload, _whole_number("Upload-Offset"), request.stream, checksum=checksum), 204
    )


@pages.delete("/<upload>")
@needs(Action.SUBMIT)
def drop(upload: str) -> Response:
    """Give an upload up."""
    _same_version()
    intake().uploads.drop(actor(), upload)
    return Response(status=204)


def _standing(upload: Upload, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Expires"] = http_date(upload.expires_at)
    if upload.document_id is not None:
        response.headers["Intake-Document"] = str(upload.document_id)
    return response


def _same_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        refused = PreconditionFailed()
        refused.response = Response(status=412, headers={"Tus-Version": VERSION})
        raise refused


def _whole_number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest(f"{header} is not a number")
    return int(text)


def _metadata() -> dict[str, str]:
    """``Upload-Metadata``: keys with values in base64. Raises BadRequest for what is none."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in request.headers.get("Upload-Metadata", "").split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise BadRequest("Upload-Metadata is not base64") from error
    return found


def _checksum() -> tuple[str, bytes] | None:
    """``Upload-Checksum``: an algorithm and its digest in base64."""
    text = request.headers.get("Upload-Checksum")
    if not text:
        return None
    name, _, value = text.partition(" ")
    if name not in ALGORITHMS:
        raise BadRequest("this checksum is not known")
    try:
        return name, base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Upload-Checksum is not base64") from error
