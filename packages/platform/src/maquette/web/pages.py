"""The page by which one signs in: files that ask nobody else for anything."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from maquette.kernel.errors import NotFound, Refused
from maquette.web import console
from maquette.web.door import Unidentified, open_to_all

FOLDER = Path(__file__).parent / "files"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}

router = APIRouter(include_in_schema=False)
FILES = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in KINDS}


@router.get("/", dependencies=[open_to_all])
def show_first(request: Request) -> RedirectResponse:
    """The console for whoever is signed in."""
    try:
        request.app.state.identify(request, b"")
    except (Unidentified, Refused):
        return RedirectResponse("/sign-in")
    return RedirectResponse("/console/" if console.is_built() else "/sign-in")


@router.get("/sign-in", dependencies=[open_to_all])
def show_sign_in() -> Response:
    return file_answer("sign-in.html")


@router.get("/pages/{name}", dependencies=[open_to_all])
def show_file(name: str) -> Response:
    return file_answer(name)


def file_answer(name: str) -> Response:
    if name not in FILES:
        raise NotFound(f"There is no page '{name}'.")
    return Response(FILES[name], media_type=KINDS[Path(name).suffix], headers=HEADERS)
