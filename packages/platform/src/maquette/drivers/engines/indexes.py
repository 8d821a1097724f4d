"""Where packages come from: pip's configuration of this machine, said in uv's variables.

uv reads its own settings, not pip's. What is already set for uv wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from maquette_sdk.job.startup.packages import NO_INDEX
from maquette_sdk.job.startup.pip._internal.configuration import many, read_configuration

HREF = re.compile(r"""href\s*=\s*["']([^"'#?]+)""")
PAGES_LOOKED_AT = 20
UV_SETTINGS = ("uv/uv.toml",)


@dataclass(frozen=True)
class Indexes:
    """`environment` is for uv, here and inside runs; `places` are the files and folders it names."""

    environment: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Path, ...] = ()


def read_indexes(environment: Mapping[str, str], files: Iterable[str] | None = None) -> Indexes:
    """pip's index-url, extra-index-url, find-links, constraint, cert, trusted-host, no-index, proxy and timeout."""
    home = environment.get("HOME")
    settings = read_configuration(environment, home, list(files) if files is not None else None)
    said = {name: value for name, value in environment.items() if name.startswith("UV_")}
    links = [link for link in many(settings.get("find-links", "")) if exists(link)]
    constraints = [path for path in many(settings.get("constraint", "")) if exists(path)]
    extra = many(settings.get("extra-index-url", ""))
    certificate = settings.get("cert") or environment.get("SSL_CERT_FILE", "")
    proxy = settings.get("proxy", "")
    found = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(extra),
        "UV_FIND_LINKS": ",".join(links),
        "UV_CONSTRAINT": " ".join(constraints),
        "UV_INSECURE_HOST": " ".join(many(settings.get("trusted-host", ""))),
        NO_INDEX: "1" if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else "",
        "UV_HTTP_TIMEOUT": settings.get("timeout") or settings.get("default-timeout", ""),
        "SSL_CERT_FILE": certificate if exists(certificate) else "",
        "HTTPS_PROXY": proxy,
        "HTTP_PROXY": proxy,
        # pip takes the best version of all indexes alike; uv would stop at the first that has the name.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    config = next((path for path in uv_configurations(environment) if path.is_file()), None)
    if config:
        found["UV_CONFIG_FILE"] = str(config)
    translated = {name: value for name, value in found.items() if value}
    settled = {**translated, **{name: value for name, value in said.items() if name in found}}
    return Indexes(settled, tuple(dict.fromkeys(places_of(settled))))


def exists(location: str) -> bool:
    """pip only warns about find-links that are gone, uv stops."""
    path = local_path(location)
    return bool(location) and (path is None or path.exists())


def uv_configurations(environment: Mapping[str, str]) -> list[Path]:
    user = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    return [Path(folder) / name for folder in (user, "/etc") for name in UV_SETTINGS]


def places_of(settings: Mapping[str, str]) -> Iterable[Path]:
    for name in ("UV_FIND_LINKS", "UV_CONSTRAINT", "SSL_CERT_FILE", "UV_CONFIG_FILE"):
        for location in settings.get(name, "").replace(",", " ").split():
            path = local_path(location)
            if path and path.exists():
                yield path
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX"):
        for url in settings.get(name, "").split():
            path = local_path(url)
            if path and path.is_dir():
                yield path
                yield from linked_folders(path)


def linked_folders(index: Path) -> Iterable[Path]:
    """Folders that the pages of an index on disk link to: `../../files/x.whl`."""
    for page in sorted(index.glob("*/index.html"))[:PAGES_LOOKED_AT]:
        base = page.parent.as_uri() + "/"
        for link in HREF.findall(page.read_text(encoding="utf-8", errors="replace")):
            path = local_path(urljoin(base, link))
            if path and path.parent.is_dir() and index not in path.parents:
                yield path.parent


def local_path(location: str) -> Path | None:
    """The path behind a file: address or a plain path; None for the network."""
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path))
    if "://" in location:
        return None
    return Path(location).expanduser()
