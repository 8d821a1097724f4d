"""pip's own configuration: its ini files and `PIP_…` variables, which uv does not read."""

from __future__ import annotations

import configparser
import os
import sys
from typing import Mapping, Sequence

SECTIONS = ("global", "install")
NOT_SETTINGS = ("PIP_CONFIG_FILE",)


def read_configuration(
    environment: Mapping[str, str] = os.environ, home: str | None = None, files: Sequence[str] | None = None
) -> dict[str, str]:
    """Settings by their long option's name without dashes in front (`index-url`, `find-links` …); the last word wins.

    As pip: machine, then user, then environment's own file, then `PIP_CONFIG_FILE`, then `PIP_…` variables;
    in each file `[global]`, then `[install]`.
    """
    settings: dict[str, str] = {}
    for path in files if files is not None else configuration_files(environment, home):
        settings.update(read_file(path))
    for name, value in environment.items():
        if name.startswith("PIP_") and name not in NOT_SETTINGS and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def configuration_files(environment: Mapping[str, str], home: str | None = None) -> list[str]:
    extra = environment.get("PIP_CONFIG_FILE", "")
    if extra == os.devnull:
        return []
    home = home or os.path.expanduser("~")
    machine = [os.path.join(folder, "pip") for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    user = environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    folders = machine + ["/etc", os.path.join(home, ".pip"), os.path.join(user, "pip"), sys.prefix]
    return [os.path.join(folder, "pip.conf") for folder in folders] + ([extra] if extra else [])


def read_file(path: str) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        sys.stderr.write("pip's configuration file {} cannot be read and is left out: {}\n".format(path, error))
        return {}
    settings = {}
    for section in SECTIONS:
        if parser.has_section(section):
            for name, value in parser.items(section):
                settings[name.lower().replace("_", "-")] = value
    return settings


def many(value: str) -> list[str]:
    """Settings that hold several values have them on lines or between blanks."""
    return value.split()
