"""Reads `dependencies` of config.json into what pip is asked for."""

from __future__ import annotations

import re
import sys

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PipRequirement
from packaging.version import InvalidVersion, Version

from maquette.models.config import fields
from maquette.models.config.loose_json import Member, Node
from maquette.models.config.loose_text import Edit
from maquette.models.config.notes import Notes, joined
from maquette.models.domain import Dependency, Requirement

RESTRAINTS = ("EXACT", "ATLEAST", "ATMOST")
RESTRAINT_SPELLINGS = {
    "==": "EXACT", "=": "EXACT", "EQUAL": "EXACT", "EXACTLY": "EXACT", ">=": "ATLEAST", "LEAST": "ATLEAST",
    "ATLEST": "ATLEAST", "<=": "ATMOST", "MOST": "ATMOST",
}  # fmt: skip
IMPORT_NAMES = {
    # what code imports -> what PyPI calls it
    "cv2": "opencv-python-headless", "opencv": "opencv-python-headless", "python-opencv": "opencv-python-headless",
    "PIL": "Pillow", "sklearn": "scikit-learn", "skimage": "scikit-image", "yaml": "PyYAML", "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome", "dateutil": "python-dateutil", "dotenv": "python-dotenv", "serial": "pyserial",
    "pytorch": "torch", "MySQLdb": "mysqlclient", "fitz": "PyMuPDF", "faiss": "faiss-cpu",
}  # fmt: skip
WRITTEN_TOGETHER = re.compile(r"\s*([A-Za-z0-9][\w.\[\]-]*)\s*(==|>=|<=)\s*([\w.*+!]+)\s*")


def read_dependencies(member: Member | None, notes: Notes) -> tuple[Dependency, ...]:
    """The entries in list order; tells what is not read and what is read otherwise than written."""
    entries = []
    loose: list[Requirement] = []
    for path, node in notes.list_of(member, "dependencies"):
        if node.kind == "object" and (node.get("packages") or not node.get("package_name")):
            entries.append(Dependency(read_entry(node, path, notes)))
        else:
            said = "A package stands directly in 'dependencies'; it is read as if it stood in 'packages'."
            notes.say("misplaced-field", node, path, said=said, fix='Write {"installer": "pip", "packages": [ … ]}.')
            loose += filter(None, [read_requirement(node, path, notes)])
    if loose:
        entries.append(Dependency(tuple(loose)))
    tell_repeated(entries, member, notes)
    return tuple(entry for entry in entries if entry.requirements)


def read_entry(node: Node, path: str, notes: Notes) -> tuple[Requirement, ...]:
    found = notes.fields(node, fields.DEPENDENCY, path)
    installer = notes.text_of(found.get("installer"), joined(path, "installer"), "pip").lower()
    if installer not in ("pip", "pip3", ""):
        said = f"The installer is '{installer}'; only pip is known, so nothing of this entry is installed."
        where = joined(path, "installer")
        notes.say("dependency-ignored", found.get("installer"), where, said=said, fix='Write "pip".')
        return ()
    packages = [
        read_requirement(item, where, notes)
        for where, item in notes.list_of(found.get("packages"), joined(path, "packages"))
    ]
    return tuple(requirement for requirement in packages if requirement is not None)


def read_requirement(node: Node, path: str, notes: Notes) -> Requirement | None:
    if node.kind == "string":
        outcome = "; it is read as the package's name"
        example = '{"package_name": …}'
        notes.say(
            "field-type", node, path, name=path, kind="a text", wanted="an object", outcome=outcome, example=example
        )
        return requirement_of(str(node.value), "", "", node, path, notes)
    found = notes.fields(node, fields.REQUIREMENT, path)
    name = notes.text_of(found.get("package_name"), joined(path, "package_name"))
    if not name:
        said = "A package without a name is not installed."
        notes.say("dependency-ignored", node, path, said=said, fix="Write its 'package_name'.")
        return None
    version = notes.text_of(found.get("package_version"), joined(path, "package_version"))
    restraint = read_restraint(found.get("restraint"), version, node, path, notes)
    return requirement_of(name, version, restraint, found.get("package_name") or node, path, notes)


def read_restraint(member: Member | None, version: str, node: Node, path: str, notes: Notes) -> str:
    """The restraint in its proper spelling; empty without a version, EXACT for a version alone."""
    written = notes.text_of(member, joined(path, "restraint"))
    plain = re.sub(r"[\s_-]", "", written).upper()
    meant = plain if plain in RESTRAINTS else RESTRAINT_SPELLINGS.get(plain) or fields.nearest(plain, RESTRAINTS)
    where = joined(path, "restraint")
    if version and not written:
        said = f"Version {version} has no 'restraint'; it is read as EXACT."
        notes.say("dependency-restraint", node, where, said=said, fix="Write EXACT, ATLEAST or ATMOST.")
        return "EXACT"
    if written and meant is None:
        said = f"'{written}' is no restraint and is not read."
        notes.say("dependency-restraint", member, where, said=said, fix="Write EXACT, ATLEAST or ATMOST.")
    elif member is not None and written and written != meant:
        edits = (Edit(member.node.start, member.node.end, f'"{meant}"'),)
        said = f"'{written}' is read as {meant}."
        notes.say("dependency-restraint", member, where, edits, said=said, fix=f'Write "{meant}".')
    elif written and not version:
        said = f"{written} says nothing without a version."
        notes.say("dependency-restraint", member, where, said=said, fix="Write the version, or drop the restraint.")
    return meant or "" if version else ""


def requirement_of(
    name: str, version: str, restraint: str, at: Node | Member, path: str, notes: Notes
) -> Requirement | None:
    """The requirement as pip can use it, or None where there is nothing to install."""
    where = joined(path, "package_name")
    if together := WRITTEN_TOGETHER.fullmatch(name):
        name, operator, version = together.groups()
        restraint = RESTRAINT_SPELLINGS[operator]
        said = f"The version of {name} stands in its name; it is read all the same."
        fix = "Write it as 'package_version' with a 'restraint'."
        notes.say("dependency-name", at, where, said=said, fix=fix)
    if not is_installable(name):
        said = f"'{name}' is no name of a package and is not installed."
        notes.say("dependency-ignored", at, where, said=said, fix="Write the name that pip knows, without options.")
        return None
    if name in sys.stdlib_module_names and name not in IMPORT_NAMES:
        said = f"'{name}' is part of Python and is not installed."
        notes.say("dependency-name", at, where, said=said, fix="Delete it.")
        return None
    if (proper := IMPORT_NAMES.get(name)) is not None:
        edits = (Edit(at.node.start, at.node.end, f'"{proper}"'),) if isinstance(at, Member) else ()
        said = f"pip does not know '{name}': the package is called {proper}, which is installed instead."
        notes.say("dependency-name", at, where, edits, said=said, fix=f'Write "{proper}".')
        name = proper
    if version and not version_is_sound(version, restraint):
        said = f"'{version}' is no version of {name}; any version is taken."
        where = joined(path, "package_version")
        notes.say("dependency-restraint", at, where, said=said, fix="Write a version like 1.17.0.")
        version = restraint = ""
    return Requirement(name, version, restraint)


def is_installable(name: str) -> bool:
    """A name with or without versions, an address, or a file; pip would take anything else for options."""
    if "://" in name or Requirement(name).is_file:
        return not name.startswith("-")
    try:
        PipRequirement(name)
    except InvalidRequirement:
        return False
    return True


def version_is_sound(version: str, restraint: str) -> bool:
    try:
        Version(version.removesuffix(".*") if restraint == "EXACT" else version)
    except InvalidVersion:
        return False
    return True


def tell_repeated(entries: list[Dependency], member: Member | None, notes: Notes) -> None:
    seen: dict[str, Requirement] = {}
    for requirement in (requirement for entry in entries for requirement in entry.requirements):
        name = fields.squashed(requirement.name)
        if (first := seen.get(name)) is not None:
            others = "" if first == requirement else f" with other versions ({first.line}, {requirement.line})"
            notes.say("dependency-repeated", member, "dependencies", name=requirement.name, others=others)
        seen[name] = requirement
