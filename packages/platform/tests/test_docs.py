"""What users can say and set has its line in the docs."""

import re
from pathlib import Path

import click
import pytest

from maquette.cli import VERBS, maquette
from maquette.kernel.settings import TABLE, as_markdown

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "packages" / "platform" / "src").rglob("*.py"))


def commands():
    context = click.Context(maquette)
    for verb in VERBS:
        command = maquette.get_command(context, verb)
        yield verb, command
        for name, inner in getattr(command, "commands", {}).items():
            yield f"{verb} {name}", inner


def all_docs():
    return "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_verb_and_option_is_in_the_docs(name, command):
    docs = all_docs()
    assert f"maquette {name}" in docs or f"`{name.split()[-1]}" in docs
    missing = [
        option
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
        if option.startswith("--") and option not in docs
    ]
    assert missing == []


def test_the_page_of_settings_is_the_table_that_is_read():
    assert as_markdown() in (ROOT / "docs" / "settings.md").read_text()


def test_no_setting_is_read_past_the_table():
    named = set()
    for path in SOURCES:
        named |= set(re.findall(r'environ(?:ment)?\.get\("(MAQUETTE_\w+)"', path.read_text()))
    assert named - {setting.name for setting in TABLE} == set()


def test_every_relative_link_leads_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            if not (page.parent / link).exists():
                broken.append(f"{page.name}: {link}")
    assert broken == []
