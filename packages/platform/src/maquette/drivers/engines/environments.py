"""The engines of this machine: environments made by uv, one per engine, interpreter and set of requirements."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from maquette.drivers.engines import folders
from maquette.drivers.engines.catalogue import Catalogue, Python, read_catalogue, read_known_names, read_python
from maquette.drivers.engines.folders import Folder
from maquette.drivers.engines.indexes import Indexes, read_indexes
from maquette.drivers.engines.installing import fetch_python, fetchable_pythons, make_uv, uv_environment
from maquette.drivers.engines.interpreters import Interpreter, find_interpreters, own_interpreter
from maquette.drivers.engines.making import Order, make
from maquette.drivers.engines.names import read_name
from maquette.drivers.engines.prefixes import fit_to_show, prefixes_of, program_of, user_base_of
from maquette.drivers.engines.resolution import Machine, resolve
from maquette.drivers.engines.sentences import say
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused, Unavailable
from maquette.kernel.ports import Environment, IsStopped, Match, Resolution, Tell, never
from maquette.kernel.settings import Home
from maquette_sdk.sentences import read, several

FORMAT = 1  # Raised when environments of old must be made anew.
RESERVE_BYTES = 2 << 30
PROGRAMS = ("java",)
NAME_OF_OWN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DAYS_UNUSED = 30.0


def silent(line: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Shelf:
    """One line of `engines list`: a release, what it would be made on, and the environments made of it."""

    engine: str
    title: str
    versions: tuple[str, ...]
    resolution: Resolution
    ready: tuple[str, ...]
    download_mb: int
    disk_mb: int


class UvEngines:
    """Engines on this machine. Everything it keeps lies in `home.engines`; nothing is made before it is asked for.

    `machine` and `catalogue` replace what is found here and what ships with Maquette, for other machines' questions.
    """

    def __init__(
        self,
        home: Home,
        environment: Mapping[str, str] | None = None,
        catalogue: Catalogue | None = None,
        machine: Machine | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.home = home
        self.variables = dict(os.environ if environment is None else environment)
        self.catalogue = catalogue or read_catalogue()
        self.given_machine = machine
        self.reserve_bytes = reserve_bytes

    # ── what a name means ────────────────────────────────────────────────────────────────────────

    def resolve(self, name: str) -> Resolution:
        """What the name means here. Raises NotFound, with near names, for one that means nothing."""
        own = self.owned()
        if name in own:
            return self.own_resolution(name, Path(own[name]))
        asked = read_name(name, self.catalogue.words, [*self.known_names, *own])
        found = resolve(asked, self.catalogue, self.machine)
        if found.match in (Match.EXACT, Match.OWN) or self.given_machine:
            return found
        if not self.fetchable:
            return found
        return resolve(asked, self.catalogue, replace(self.machine, fetchable=self.fetchable))

    @cached_property
    def fetchable(self) -> tuple[Python, ...]:
        """The Pythons that could be had: what a uv can fetch is written in it, so it is asked once."""
        return fetchable_pythons(self.variables)

    @cached_property
    def interpreters(self) -> dict[tuple[int, int], Interpreter]:
        kept = self.home.path.is_dir()  # who only looks makes no home
        return find_interpreters(self.variables, self.home.cache / "interpreters.json" if kept else None)

    @cached_property
    def machine(self) -> Machine:
        if self.given_machine:
            return self.given_machine
        pythons = {version: Path(found.base) for version, found in self.interpreters.items()}
        path = self.variables.get("PATH")
        return Machine(pythons, (), frozenset(name for name in PROGRAMS if shutil.which(name, path=path)))

    @cached_property
    def indexes(self) -> Indexes:
        return read_indexes(self.variables)

    @property
    def known_names(self) -> list[str]:
        printed = [name for names in read_known_names().values() for name in names]
        return [*printed, *(release.name for family in self.catalogue.families.values() for release in family.releases)]

    # ── environments ─────────────────────────────────────────────────────────────────────────────

    def prepare(
        self,
        resolution: Resolution,
        requirements: Sequence[str] = (),
        tell: Tell = silent,
        stopped: IsStopped = never,
    ) -> Environment:
        """The environment of a resolution with these requirements, made now unless it is ready.

        Raises Refused for a refusal, BadInput for a requirement that cannot be read, Unavailable when the network,
        the disk or a package stands in the way, Stopped when nobody wants it any more; then nothing half made is left.
        """
        if resolution.match is Match.REFUSED:
            raise Refused(say("cannot_run", name=resolution.name, reason=resolution.reason), engine=resolution.name)
        if resolution.match is Match.OWN and resolution.python:
            return self.own_environment(resolution, requirements)
        wanted = [read_requirement(line) for line in requirements]
        if resolution.python is None:
            resolution = self.with_python(resolution, tell, stopped)
        name = environment_name(resolution, wanted)
        path = self.home.engines / name
        record = folders.read_record(path)
        if record is None:
            with folders.locked(self.home.engines, name, tell, stopped) as lock:
                order = self.order(path, resolution, wanted, tell, stopped)
                record = folders.read_record(path) or make(order, lock, self.reserve_bytes)
        folders.note_use(path)
        return self.environment_at(path, resolution, record)

    def with_python(self, resolution: Resolution, tell: Tell, stopped: IsStopped = never) -> Resolution:
        """Fetch the interpreter; what it cannot be, is answered by the nearest engine for a Python that is here."""
        uv = make_uv("", uv_environment(self.variables, {}, self.home.path, self.home.cache), stopped=stopped)
        try:
            fetch_python(resolution.python_version, uv, tell)
        except Unavailable as problem:
            asked = read_name(resolution.name, self.catalogue.words)
            found = resolve(asked, self.catalogue, replace(self.machine, fetchable=()))
            if found.match is Match.REFUSED:
                raise Unavailable(several(problem.message, found.reason)) from None
            tell(several(problem.message, found.reason))
            return found
        self.__dict__.pop("interpreters", None)
        python = self.interpreters.get(read_python(resolution.python_version))
        if python is None:
            raise Unavailable(f"uv fetched Python {resolution.python_version}, but it is not where uv keeps its own.")
        return replace(resolution, python=Path(python.base))

    def order(self, path: Path, resolution: Resolution, wanted: list[str], tell: Tell, stopped: IsStopped) -> Order:
        variables = uv_environment(self.variables, self.indexes.environment, self.home.engines, self.home.cache)
        return Order(path, resolution, self.catalogue.release(resolution.engine), wanted, variables, tell, stopped)

    def environment_at(self, path: Path, resolution: Resolution, record: Mapping[str, object]) -> Environment:
        prefixes = [Path(str(prefix)) for prefix in as_list(record["prefixes"])]
        notes = tuple(dict.fromkeys((*resolution.notes, *notes_of(record))))
        private = path / folders.PRIVATE
        return Environment(
            resolution=resolution,
            python=path / "bin" / "python",
            prefixes=(*prefixes, *fit_to_show(self.indexes.places)),
            environment=dict(resolution.environment),
            pip_environment=self.pip_environment(resolution, private / folders.CONSTRAINTS),
            notes=notes,
        )

    def pip_environment(self, resolution: Resolution, constraints: Path | None) -> dict[str, str]:
        variables = {**self.indexes.environment, "UV_PYTHON_DOWNLOADS": "never", "MAQUETTE_ENGINE": resolution.name}
        if resolution.era:
            variables |= {"MAQUETTE_ERA": resolution.era, "UV_EXCLUDE_NEWER": resolution.era}
            if constraints and constraints.exists():
                variables["MAQUETTE_ERA_CONSTRAINTS"] = str(constraints)
        return variables

    # ── the user's own interpreters ──────────────────────────────────────────────────────────────

    def own(self, python: Path) -> Environment:
        """The user's own interpreter, used as it is: nothing is installed into it."""
        return self.own_environment(self.own_resolution(str(python), python), ())

    def own_resolution(self, name: str, python: Path) -> Resolution:
        interpreter = own_interpreter(python)
        return Resolution(
            name=name,
            match=Match.OWN,
            reason=say("own", version=interpreter.version, path=interpreter.path),
            engine=name,
            framework="own",
            python=Path(interpreter.path),
            python_version=".".join(interpreter.version.split(".")[:2]),
        )

    def own_environment(self, resolution: Resolution, requirements: Sequence[str]) -> Environment:
        interpreter = own_interpreter(resolution.python or Path())
        user_base = {"PYTHONUSERBASE": user_base_of(interpreter)} if interpreter.user_site else {}
        notes = [say("own_pip")]
        if requirements:
            notes.append(say("not_into_own", requirements=", ".join(requirements)))
        return Environment(
            resolution=resolution,
            python=program_of(interpreter),
            prefixes=(*prefixes_of(interpreter), *fit_to_show(self.indexes.places)),
            environment=user_base,
            pip_environment=self.pip_environment(resolution, None),
            notes=tuple(notes),
        )

    def add(self, name: str, python: Path) -> Resolution:
        """Keep the user's own interpreter under a name."""
        if not NAME_OF_OWN.fullmatch(name):
            raise BadInput(f"'{name}' cannot be a name: use letters, digits, '.', '-' and '_'.", field="name")
        with contextlib.suppress(NotFound):
            read_name(name, self.catalogue.words)
            raise Conflict(f"'{name}' already means an engine. Choose another name, say 'my-{name}'.", engine=name)
        resolution = self.own_resolution(name, python.expanduser().absolute())
        folders.write_own(self.home.engines, {**folders.read_own(self.home.engines), name: str(resolution.python)})
        return resolution

    # ── what is there ────────────────────────────────────────────────────────────────────────────

    def shelves(self) -> list[Shelf]:
        """Every release of the catalogue, and how it stands here."""
        ready = {folder.record.get("engine") for folder in self.made(measure=False) if folder.ready}
        rows = []
        for family in self.catalogue.families.values():
            for release in family.releases:
                rows.append(
                    Shelf(
                        engine=release.name,
                        title=family.title,
                        versions=release.versions,
                        resolution=self.resolve(f"{family.aliases[0]}-{release.versions[-1]}"),
                        ready=tuple(one for one in release.versions if f"{family.name}-{one}" in ready),
                        download_mb=release.download_mb,
                        disk_mb=release.disk_mb,
                    )
                )
        return rows

    def printed_names(self) -> Mapping[str, tuple[str, ...]]:
        """The names that ModelArts prints, by kind."""
        return read_known_names()

    def owned(self) -> dict[str, str]:
        """The user's own interpreters by name."""
        return folders.read_own(self.home.engines)

    def made(self, measure: bool = True) -> list[Folder]:
        """The environments on disk."""
        return folders.list_folders(self.home.engines, measure)

    def remove(self, name: str) -> list[Folder]:
        """Forget an own interpreter, or remove the environments of an engine or of that folder name."""
        own = folders.read_own(self.home.engines)
        if name in own:
            folders.write_own(self.home.engines, {key: value for key, value in own.items() if key != name})
            return []
        known = self.made(measure=False)  # to count the files of all takes many seconds
        matching = [folder for folder in known if name in (folder.name, folder.record.get("engine"))]
        if not matching:
            raise NotFound(say("none_such", name=name), engine=name)
        busy = next((folder for folder in matching if folder.in_use), None)
        if busy:
            raise Conflict(say("in_use", name=busy.name), engine=name)
        return [folder for folder in map(folders.measured, matching) if self.remove_folder(folder)]

    def prune(self, days: float = DAYS_UNUSED, dry_run: bool = False) -> list[Folder]:
        """Remove what is unfinished and what was not used for so many days; gives what was (or would be) removed."""
        old = [folder for folder in self.made() if folders.unused(folder, days)]
        old = [folder for folder in old if not folders.is_locked(self.home.engines, folder.name)]
        return old if dry_run else [folder for folder in old if self.remove_folder(folder)]

    def remove_folder(self, folder: Folder) -> bool:
        with folders.locked(self.home.engines, folder.name, silent):
            folders.remove(folder.path)
        return True


def read_requirement(line: str) -> str:
    """A requirement as uv takes it: a name with versions, an address, or the absolute path of a package."""
    text = line.strip()
    if text.startswith("-e "):
        return f"-e {Path(text[3:].strip()).absolute()}"
    if text.startswith("-"):
        raise BadInput(f"'{text}' is an option, not a requirement. Name a package.", requirement=text)
    if "://" in text.split("@")[0]:
        return text
    if Path(text).exists() and (os.sep in text or Path(text).suffix in (".whl", ".gz", ".zip")):
        return str(Path(text).absolute())
    try:
        Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        sentence = f"'{text}' is not a requirement ({reason}). Write it as name==1.2.3."
        raise BadInput(sentence, requirement=text) from None
    return text


def environment_name(resolution: Resolution, wanted: Sequence[str]) -> str:
    """Tells the engine and the Python, and by a hash the rest of what decides what is inside."""
    identity = [
        str(FORMAT),
        *sorted(resolution.packages),
        str(resolution.era),
        str(resolution.python),
        *(f"{line}|{stamp(line)}" for line in sorted(wanted)),
    ]
    digest = hashlib.sha256("\n".join(identity).encode()).hexdigest()[:10]
    return f"{resolution.engine}-py{resolution.python_version}-{digest}"


def stamp(line: str) -> str:
    """A local wheel that changes makes another environment."""
    path = Path(line.removeprefix("-e "))
    if not path.is_absolute() or not path.exists():
        return ""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def as_list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def notes_of(record: Mapping[str, object]) -> list[str]:
    """What was told when the environment was made; records of earlier versions have the words alone."""
    notes = as_list(record["notes"])
    return [read(kept or str(note)) for note, kept in zip_longest(notes, as_list(record.get("told"))[: len(notes)])]
