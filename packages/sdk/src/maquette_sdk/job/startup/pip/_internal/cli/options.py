"""pip's options as scripts use them: which take a value, which are flags, which mean nothing here."""

from __future__ import annotations

from typing import Sequence

VALUED = {
    "-r": "requirement", "--requirement": "requirement", "-c": "constraint", "--constraint": "constraint",
    "-e": "editable", "--editable": "editable", "-f": "find-links", "--find-links": "find-links",
    "-i": "index-url", "--index-url": "index-url", "--pypi-url": "index-url", "--extra-index-url": "extra-index-url",
    "--trusted-host": "trusted-host", "-t": "target", "--target": "target", "--no-binary": "no-binary",
    "--only-binary": "only-binary", "--upgrade-strategy": "upgrade-strategy", "--cert": "cert", "--format": "format",
    "--timeout": "timeout", "--default-timeout": "timeout", "--proxy": "proxy",
}  # fmt: skip
FLAGS = {
    "-U": "upgrade", "--upgrade": "upgrade", "-q": "quiet", "--quiet": "quiet", "--no-deps": "no-deps",
    "--no-dependencies": "no-deps", "--pre": "pre", "--force-reinstall": "reinstall", "-I": "reinstall",
    "--ignore-installed": "reinstall", "--no-index": "no-index", "--no-build-isolation": "no-build-isolation",
    "--dry-run": "dry-run", "-V": "version", "--version": "version", "-h": "help", "--help": "help",
    "-o": "outdated", "--outdated": "outdated",
}  # fmt: skip
# Accepted without a word: they change nothing in a run.
SILENT_VALUED = (
    "--retries", "--progress-bar", "--cache-dir", "--log", "--log-file", "--src", "--exists-action", "--use-feature",
    "--use-deprecated", "--root-user-action", "--report", "--build", "-b", "--client-cert", "--keyring-provider",
    "--resume-retries", "--path", "--exclude",
)  # fmt: skip
SILENT_FLAGS = (
    "-y", "--yes", "-v", "--verbose", "--user", "--no-cache-dir", "--no-cache", "--disable-pip-version-check",
    "--no-input", "--isolated", "--require-virtualenv", "--no-warn-script-location", "--no-warn-conflicts",
    "--break-system-packages", "--use-pep517", "--no-use-pep517", "--compile", "--no-compile", "--prefer-binary",
    "--no-color", "--debug", "-l", "--local", "--all", "-a", "--no-python-version-warning", "--upgrade-deps", "--egg",
    "--no-clean", "--check-build-dependencies", "--require-hashes", "--files", "--exclude-editable", "--not-required",
)  # fmt: skip
# Told, because a script that gives them may count on them: (option, takes a value).
UNSUPPORTED = {
    "--prefix": True, "--root": True, "--global-option": True, "--install-option": True, "--build-option": True,
    "--config-settings": True, "-C": True, "--platform": True, "--python-version": True, "--abi": True,
    "--implementation": True, "--python": True,
}  # fmt: skip


class Arguments:
    """One pip command line, taken apart; `unknown` are options that will be ignored and told."""

    def __init__(self) -> None:
        self.command = ""
        self.words: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.flags: set[str] = set()
        self.unknown: list[str] = []

    def last(self, name: str) -> str:
        return self.values.get(name, [""])[-1]

    def add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def read_arguments(words: Sequence[str]) -> Arguments:
    """Long options may be cut short and short ones run together, as with pip."""
    arguments = Arguments()
    rest = [str(word) for word in words]
    while rest:
        word = rest.pop(0)
        if word == "--":
            arguments.words += rest
            break
        if word.startswith("--"):
            read_long(arguments, word, rest)
        elif word.startswith("-") and len(word) > 1:
            read_short(arguments, word, rest)
        elif not arguments.command:
            arguments.command = word
        else:
            arguments.words.append(word)
    return arguments


def read_long(arguments: Arguments, word: str, rest: list[str]) -> None:
    name, equals, value = word.partition("=")
    name = full_name(name)
    if takes_value(name, arguments) and not equals:
        value = rest.pop(0) if rest else ""
    take(arguments, name, value)


def read_short(arguments: Arguments, word: str, rest: list[str]) -> None:
    letters = word[1:]
    while letters:
        name, letters = "-" + letters[0], letters[1:]
        if takes_value(name, arguments):
            take(arguments, name, letters.lstrip("=") if letters else (rest.pop(0) if rest else ""))
            return
        take(arguments, name, "")


def take(arguments: Arguments, name: str, value: str) -> None:
    if name == "-f" and arguments.command == "show":
        return
    if name in VALUED:
        arguments.add(VALUED[name], value)
    elif name in FLAGS:
        arguments.flags.add(FLAGS[name])
    elif name not in SILENT_VALUED and name not in SILENT_FLAGS:
        arguments.unknown.append(name)


def takes_value(name: str, arguments: Arguments) -> bool:
    if name == "-f" and arguments.command == "show":
        return False
    return name in VALUED or name in SILENT_VALUED or UNSUPPORTED.get(name, False)


def full_name(name: str) -> str:
    known = known_options()
    if name in known:
        return name
    longer = [option for option in known if option.startswith(name)]
    return longer[0] if len(longer) == 1 else name


def known_options() -> tuple[str, ...]:
    return (*VALUED, *FLAGS, *SILENT_VALUED, *SILENT_FLAGS, *UNSUPPORTED)
