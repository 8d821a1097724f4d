"""The console: the pages that `packages/console` is built into, told as they are.

Styles are made while the console runs, so they carry a word that is new with every page (`nonce`); scripts come from
files of ours and from nowhere else.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from maquette.kernel.errors import NotFound
from maquette.web.door import open_to_all

FOLDER = Path(__file__).parent.parent / "console"
"""Made by `make setup`; a Maquette without it works by its command line, SDK and calls."""
PLACEHOLDER = "NONCE"
KINDS = {
    ".css": "text/css", ".ico": "image/x-icon", ".js": "text/javascript", ".json": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2",
}  # fmt: skip
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""The smaller one first; the build has made both beside each file that they make smaller."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; media-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PAGE = {"cache-control": "no-cache", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
FILE = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
MISSING = "The console was not built here. Run `make setup` where npm's registry can be reached."

router = APIRouter(prefix="/console", include_in_schema=False)


def is_built() -> bool:
    return (FOLDER / "index.html").is_file()


@router.get("", dependencies=[open_to_all])
def go_inside() -> RedirectResponse:
    return RedirectResponse("/console/")


@router.get("/assets/{name}", dependencies=[open_to_all])
def show_file(request: Request, name: str) -> Response:
    """Its name changes with what it holds, so it may be kept for ever."""
    path = FOLDER / "assets" / name
    if path.parent != FOLDER / "assets" or path.suffix not in KINDS or not path.is_file():
        raise NotFound(f"The console has no file '{name}'. Load the page again.")
    told = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    headers = {**FILE, "vary": "accept-encoding"}
    for encoding, suffix in ENCODINGS:
        packed = path.with_name(name + suffix)
        if encoding in told and packed.is_file():
            return FileResponse(
                packed, media_type=KINDS[path.suffix], headers={**headers, "content-encoding": encoding}
            )
    return FileResponse(path, media_type=KINDS[path.suffix], headers=headers)


@router.get("/{page:path}", dependencies=[open_to_all])
def show_page(page: str) -> Response:
    """Every address inside is the same page; the console reads the address itself."""
    if not is_built():
        raise NotFound(MISSING)
    if page.startswith("assets/"):
        raise NotFound(f"The console has no file '{page}'. Load the page again.")
    nonce = secrets.token_urlsafe(16)
    text = (FOLDER / "index.html").read_text().replace(PLACEHOLDER, nonce)
    headers = {**PAGE, "content-security-policy": POLICY.format(nonce=nonce)}
    return Response(text, media_type="text/html", headers=headers)
