"""Files of this package as browsers take them: kept for a year, since their address carries their version, and gzipped."""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources
from typing import Any, Final

from flask import current_app, request
from flask.typing import ResponseReturnValue

TEXT: Final = (".css", ".js", ".svg")


def static(**values: Any) -> ResponseReturnValue:
    """A file below ``web/static``; 404 for anything else."""
    name: str = values["filename"]
    response = current_app.send_static_file(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if name.endswith(TEXT):
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and request.accept_encodings["gzip"] > 0:
            response.close()  # the open file is not read
            response.direct_passthrough = False
            response.set_data(packed(name))
            response.headers["Content-Encoding"] = "gzip"
            tag, _weak = response.get_etag()
            if tag:
                response.set_etag(tag, weak=True)  # the same content, other bytes
    return response


@cache
def packed(name: str) -> bytes:
    """A file as it is sent, compressed once in the life of the process."""
    return gzip.compress(resources.files("web").joinpath("static", name).read_bytes(), 9, mtime=0)
