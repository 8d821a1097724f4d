"""Sets Maquette up in `.venv`: `make setup`. Standard library only; quick when nothing has changed.

`setup.py tests` also installs what only the tests need.

Needs Python 3.11 or newer. Makes the environment also where Debian's Python comes without `venv`, installs
what `pyproject.toml` and `constraints.txt` say, and the Debian packages that Maquette uses where it may.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
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
}


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Maquette needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11")
    if sys.platform != "linux":
        sys.exit("Maquette runs on Linux and WSL2. On macOS and Windows use a Linux container or WSL2.")
    install_debian_packages(DEBIAN | TESTS_DEBIAN if "tests" in sys.argv[1:] else DEBIAN)
    fingerprint = make_fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint:
        return
    STAMP.unlink(missing_ok=True)
    make_environment()
    install()
    STAMP.write_text(fingerprint)


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


if __name__ == "__main__":
    main()
