"""The page by which one signs in: files that ask nobody else for anything."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from maquette.kernel.errors import NotFound
from maquette.web.door import open_to_all

FOLDER = Path(__file__).parent / "files"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
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
def show_first() -> RedirectResponse:
    return RedirectResponse("/sign-in")


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
