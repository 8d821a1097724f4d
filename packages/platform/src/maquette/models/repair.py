"""Makes a copy of a package with everything mended that is certain; the original is only read."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.errors import BadInput, Unavailable
from maquette.models.check import Report
from maquette.models.domain import CONFIG_FILE
from maquette.models.files import LEFT_OUT
from maquette.models.findings import Finding

RESERVE_BYTES = 2 << 30


@dataclass(frozen=True)
class Repaired:
    """The copy (`folder`, laid out as the original) and what was mended in it."""

    folder: Path
    package: Path
    repairs: tuple[Finding, ...]


def repair(report: Report, given: Path, target: Path | None = None) -> Repaired | None:
    """Copies the folder that was checked to `target`, by default beside it with `-fixed`, and mends config.json there.

    None when nothing can be mended with certainty. Raises BadInput for a target that exists or lies inside the package.
    """
    if report.mended is None:
        return None
    source = given.resolve()
    copy = (target or source.with_name(f"{source.name}-fixed")).absolute()
    if copy.exists() and (not copy.is_dir() or any(copy.iterdir())):
        raise BadInput(f"'{copy}' exists already. Remove it, or name another folder with --to.", field="to")
    if copy.is_relative_to(source):
        raise BadInput(f"'{copy}' lies inside the package. Name a folder outside it with --to.", field="to")
    need_space(source, copy)
    shutil.copytree(source, copy, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    package = copy / report.folder.relative_to(source)
    (package / CONFIG_FILE).write_text(report.mended, encoding="utf-8")
    return Repaired(copy, package, report.repairs)


def need_space(source: Path, copy: Path) -> None:
    size = sum(path.lstat().st_size for path in source.rglob("*") if path.is_file() and not path.is_symlink())
    place = next(folder for folder in copy.parents if folder.exists())
    free = shutil.disk_usage(place).free
    if free - size < RESERVE_BYTES:
        raise Unavailable(
            f"The copy takes {size / 1e9:.1f} GB, and '{place}' has {free / 1e9:.1f} GB left."
            " Free some space, or name another disk with --to.",
            folder=str(place),
        )
