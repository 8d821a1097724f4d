"""OBS' spelling of S3: the same calls with headers called `x-obs-…`, turned into S3's on the way in and out."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from maquette.web.signing import Signed

OURS, THEIRS = "x-amz-", "x-obs-"
API = {"x-obs-api": "3.0"}
"""By this a client learns that it may speak OBS here."""


def as_s3(request: Signed) -> Signed:
    if not any(name.startswith(THEIRS) for name in request.values):
        return request
    headers = tuple((f"{OURS}{name.removeprefix(THEIRS)}" if name.startswith(THEIRS) else name, value)
                    for name, value in request.headers)  # fmt: skip
    return replace(request, headers=headers)


def speak_obs(response: Response) -> None:
    """Renames the headers of an answer."""
    theirs, ours = THEIRS.encode(), OURS.encode()
    response.raw_headers = [
        (theirs + name.removeprefix(ours) if name.startswith(ours) else name, value)
        for name, value in response.raw_headers
    ]
