"""Finds the Pythons of this machine, and learns about one by running it.

Looked for on PATH, in pyenv's versions, among uv's own and in the system's folders. pyenv's shims answer for one
version and fail for the others, so its versions are taken instead. What counts is what a file says when it is run;
the answers are kept in a file until the interpreter changes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from maquette.drivers.engines.catalogue import OLDEST_PYTHON, Python, read_python, show_python
from maquette.kernel.errors import BadInput, NotFound, Refused

NAME = re.compile(r"python(3(\.\d+)?)?")
SYSTEM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
SECONDS_TO_ANSWER = 20
# Runs on Python 2 as well, so that a Python 2 can be named as such. `-I` is not known there, hence the variables.
QUESTION = """
import json, os, sys, site
def base():
    if sys.prefix == getattr(sys, "base_prefix", sys.prefix): return os.path.realpath(sys.executable)
    for name in ("python%d.%d" % sys.version_info[:2], "python3", "python"):
        path = os.path.join(sys.base_prefix, "bin", name)
        if os.path.exists(path): return path
    return os.path.realpath(sys.executable)
user = site.getusersitepackages() if getattr(site, "ENABLE_USER_SITE", False) else ""
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable, "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", sys.prefix), "exec_prefix": sys.exec_prefix, "base": base(),
    "paths": [p for p in sys.path if os.path.isdir(p)], "user_site": user if os.path.isdir(user) else ""}))
"""
UNSET = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class Interpreter:
    """What a Python says of itself. `base` is the interpreter behind it when it belongs to an environment."""

    path: str
    version: str
    executable: str
    prefix: str
    base_prefix: str
    exec_prefix: str
    base: str
    paths: tuple[str, ...]
    user_site: str

    @property
    def python(self) -> Python:
        return read_python(self.version)


def find_interpreters(
    environment: Mapping[str, str], cache: Path | None = None, folders: Iterable[Path] | None = None
) -> dict[Python, Interpreter]:
    """One per version, 3.7 and newer, the first found; environments stand for the interpreter behind them."""
    candidates = list(dict.fromkeys(candidate_paths(environment, folders)))
    known = read_cache(cache)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda path: known.get(fingerprint(path)) or ask_quietly(path), candidates))
    write_cache(cache, known, dict(zip(map(fingerprint, candidates), answers, strict=True)))
    found: dict[Python, Interpreter] = {}
    for answer in answers:
        if answer and answer.python >= OLDEST_PYTHON:
            found.setdefault(answer.python, answer)
    return found


def candidate_paths(environment: Mapping[str, str], folders: Iterable[Path] | None = None) -> Iterable[str]:
    for folder in folders if folders is not None else search_folders(environment):
        if not os.path.isdir(folder) or not os.access(folder, os.R_OK | os.X_OK):
            continue  # PATH may name folders that are not there, or another user's
        for path in sorted(folder.iterdir()):
            if NAME.fullmatch(path.name) and os.path.isfile(path) and os.access(path, os.X_OK):
                yield str(path)


def search_folders(environment: Mapping[str, str]) -> list[Path]:
    home = Path(environment.get("HOME", "~")).expanduser()
    path = [Path(entry) for entry in environment.get("PATH", "").split(os.pathsep) if entry]
    pyenv = pyenv_root(environment, home)
    shims = [pyenv / "shims"] if pyenv else []
    own = Path(environment.get("UV_PYTHON_INSTALL_DIR") or data_home(environment, home) / "uv" / "python")
    system = [Path(folder) for folder in SYSTEM_FOLDERS]
    folders = [folder for folder in path if folder not in (*shims, *system)]
    folders += sorted(pyenv.glob("versions/*/bin")) if pyenv else []
    folders += sorted(own.glob("*/bin"))
    return list(dict.fromkeys([*folders, *system]))


def pyenv_root(environment: Mapping[str, str], home: Path) -> Path | None:
    named = environment.get("PYENV_ROOT")
    program = shutil.which("pyenv", path=environment.get("PATH", ""))
    guesses = [Path(named)] if named else []
    guesses += [home / ".pyenv"]
    guesses += [Path(program).resolve().parent.parent] if program else []
    return next((guess for guess in guesses if os.path.isdir(guess / "versions")), None)


def data_home(environment: Mapping[str, str], home: Path) -> Path:
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")


def ask_quietly(path: str) -> Interpreter | None:
    try:
        return ask(path)
    except (BadInput, Refused, NotFound):
        return None


def ask(path: str) -> Interpreter:
    """Run the interpreter to learn about it; a sentence says what is wrong with one that cannot be used."""
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    try:
        done = subprocess.run(
            [path, "-c", QUESTION], env=environment, cwd="/", capture_output=True, text=True, timeout=SECONDS_TO_ANSWER
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadInput(f"'{path}' cannot be run as a Python ({reason(error)}).", python=path) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[0]
        raise BadInput(f"'{path}' is not a Python interpreter that works: {last}", python=path) from None
    return Interpreter(path=path, **{**answer, "paths": tuple(answer["paths"])})


def own_interpreter(path: Path) -> Interpreter:
    """The user's own interpreter, or the one in the environment folder that was named."""
    named = path.expanduser()
    if named.is_dir():
        inside = [named / "bin" / name for name in ("python", "python3")]
        named = next((candidate for candidate in inside if candidate.exists()), inside[0])
    if not os.path.lexists(named):
        raise NotFound(f"There is no file '{named}'. Give the path of a Python interpreter or of its environment.")
    if not named.exists():
        raise BadInput(f"'{named}' is a link to '{named.readlink()}', which is gone. Make the environment anew.")
    if not os.access(named, os.X_OK):
        raise BadInput(f"'{named}' is not a program. Give the path of a Python interpreter or of its environment.")
    interpreter = ask(str(named.absolute()))
    if interpreter.python[0] == 2:
        raise Refused(f"'{named}' is Python {interpreter.version}, which is not offered. Give Python 3.7 or newer.")
    if interpreter.python < OLDEST_PYTHON:
        oldest = show_python(OLDEST_PYTHON)
        raise Refused(f"'{named}' is Python {interpreter.version}. Give one that is {oldest} or newer.")
    return interpreter


def reason(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {SECONDS_TO_ANSWER} s"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def fingerprint(path: str) -> str:
    """Changes when the file behind the path does."""
    try:
        status = Path(path).stat()
    except OSError:
        return path
    return f"{path}|{os.path.realpath(path)}|{status.st_size}|{status.st_mtime_ns}"


def read_cache(cache: Path | None) -> dict[str, Interpreter]:
    if cache is None or not cache.is_file():
        return {}
    try:
        entries = json.loads(cache.read_text(encoding="utf-8"))
        return {key: Interpreter(**{**entry, "paths": tuple(entry["paths"])}) for key, entry in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError, OSError):
        return {}  # written by another version, or half: it is only a cache


def write_cache(
    cache: Path | None, known: Mapping[str, Interpreter], answers: Mapping[str, Interpreter | None]
) -> None:
    found = {key: answer for key, answer in answers.items() if answer}
    if cache is None or found == known:
        return
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary = cache.with_name(f"{cache.name}.{os.getpid()}")
        temporary.write_text(json.dumps({key: asdict(entry) for key, entry in found.items()}), encoding="utf-8")
        temporary.replace(cache)
    except OSError:
        return  # a home that cannot be written is told where something must be
