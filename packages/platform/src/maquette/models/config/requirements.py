"""Reads `dependencies` of config.json into what pip is asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PipRequirement
from packaging.version import InvalidVersion, Version

from maquette.models.config import fields
from maquette.models.config.loose_json import Member, Node
from maquette.models.config.loose_text import Edit
from maquette.models.config.notes import Notes, joined
from maquette.models.domain import Dependency, Requirement
from maquette.models.sentences import say

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
CARRIED_RESTRAINT = re.compile(r"(==|>=|<=|=)\s*(\w[\w.*+!-]*)")
WRITTEN_TOGETHER = re.compile(r"\s*([A-Za-z0-9][\w.\[\]-]*)\s*(==|>=|<=)\s*([\w.*+!]+)\s*")


def read_dependencies(member: Member | None, notes: Notes) -> tuple[Dependency, ...]:
    """The entries in list order; tells what is not read and what is read otherwise than written."""
    entries = []
    loose: list[Requirement] = []
    for path, node in notes.list_of(member, "dependencies"):
        if node.kind == "object" and (node.get("packages") or not node.get("package_name")):
            entries.append(Dependency(read_entry(node, path, notes)))
        else:
            notes.say("misplaced-field", node, path, said=say("direct_package"), fix=say("direct_package_fix"))
            loose += filter(None, [read_requirement(node, path, notes)])
    if loose:
        entries.append(Dependency(tuple(loose)))
    tell_repeated(entries, member, notes)
    return tuple(entry for entry in entries if entry.requirements)


def read_entry(node: Node, path: str, notes: Notes) -> tuple[Requirement, ...]:
    found = notes.fields(node, fields.DEPENDENCY, path)
    installer = notes.text_of(found.get("installer"), joined(path, "installer"), "pip").lower()
    if installer not in ("pip", "pip3", ""):
        said, fix = say("other_installer", name=installer), say("write", text='"pip"')
        notes.say("dependency-ignored", found.get("installer"), joined(path, "installer"), said=said, fix=fix)
        return ()
    packages = [
        read_requirement(item, where, notes)
        for where, item in notes.list_of(found.get("packages"), joined(path, "packages"))
    ]
    return tuple(requirement for requirement in packages if requirement is not None)


def read_requirement(node: Node, path: str, notes: Notes) -> Requirement | None:
    if node.kind == "string":
        kinds = {"kind": say("a_text"), "wanted": say("an_object"), "outcome": say("read_as_name")}
        notes.say("field-type", node, path, (), name=path, **kinds, example='{"package_name": …}')
        return requirement_of(str(node.value), "", "", node, path, notes)
    found = notes.fields(node, fields.REQUIREMENT, path)
    name = notes.text_of(found.get("package_name"), joined(path, "package_name"))
    if not name:
        notes.say("dependency-ignored", node, path, said=say("nameless"), fix=say("write_package_name"))
        return None
    version, restraint = read_version(found, node, path, notes)
    return requirement_of(name, version, restraint, found.get("package_name") or node, path, notes)


def read_version(found: Mapping[str, Member], node: Node, path: str, notes: Notes) -> tuple[str, str]:
    """The version and its restraint. What is written as pip writes it, `>=1.14`, is read by its own operator."""
    where = joined(path, "package_version")
    member, restraint = found.get("package_version"), found.get("restraint")
    version = notes.text_of(member, where)
    carried = CARRIED_RESTRAINT.fullmatch(version)
    if member is None or carried is None or not version_is_sound(carried[2], RESTRAINT_SPELLINGS[carried[1]]):
        return version, read_restraint(restraint, version, node, path, notes)
    plain, meant = carried[2], RESTRAINT_SPELLINGS[carried[1]]
    said = say("operator_in_version", version=version, plain=plain, meant=meant)
    fix = say("operator_in_version_fix", plain=plain, meant=meant)
    edits = taken_apart(member.node, restraint, plain, meant)
    notes.say("dependency-restraint", member, where, edits, said=said, fix=fix)
    return plain, meant


def taken_apart(version: Node, restraint: Member | None, plain: str, meant: str) -> tuple[Edit, ...]:
    """Version and restraint in their own fields; nothing where the restraint that stands there says otherwise."""
    if restraint is None:
        return (Edit(version.start, version.end, f'"{plain}", "restraint": "{meant}"'),)
    if restraint.node.value not in (None, "", meant):
        return ()
    apart = Edit(version.start, version.end, f'"{plain}"')
    return (apart, Edit(restraint.node.start, restraint.node.end, f'"{meant}"'))


def read_restraint(member: Member | None, version: str, node: Node, path: str, notes: Notes) -> str:
    """The restraint in its proper spelling; empty without a version, EXACT for a version alone."""
    written = notes.text_of(member, joined(path, "restraint"))
    plain = re.sub(r"[\s_-]", "", written).upper()
    meant = plain if plain in RESTRAINTS else RESTRAINT_SPELLINGS.get(plain) or fields.nearest(plain, RESTRAINTS)
    where = joined(path, "restraint")
    if version and not written:
        if version_is_sound(version, "EXACT"):  # else it is told that it is no version
            said = say("no_restraint", version=version)
            notes.say("dependency-restraint", node, where, said=said, fix=say("write_restraint"))
        return "EXACT"
    if written and meant is None:
        said = say("unknown_restraint", written=written)
        notes.say("dependency-restraint", member, where, said=said, fix=say("write_restraint"))
    elif member is not None and written and written != meant:
        edits = (Edit(member.node.start, member.node.end, f'"{meant}"'),)
        said, fix = say("restraint_read_as", written=written, meant=meant), say("write", text=f'"{meant}"')
        notes.say("dependency-restraint", member, where, edits, said=said, fix=fix)
    elif written and not version:
        said = say("restraint_alone", written=written)
        notes.say("dependency-restraint", member, where, said=said, fix=say("restraint_alone_fix"))
    return meant or "" if version else ""


def requirement_of(
    name: str, version: str, restraint: str, at: Node | Member, path: str, notes: Notes
) -> Requirement | None:
    """The requirement as pip can use it, or None where there is nothing to install."""
    where = joined(path, "package_name")
    if together := WRITTEN_TOGETHER.fullmatch(name):
        name, operator, version = together.groups()
        restraint = RESTRAINT_SPELLINGS[operator]
        said, fix = say("version_in_name", name=name), say("version_in_name_fix")
        notes.say("dependency-name", at, where, said=said, fix=fix)
    if not is_installable(name):
        said, fix = say("no_package_name", name=name), say("no_package_name_fix")
        notes.say("dependency-ignored", at, where, said=said, fix=fix)
        return None
    if name in sys.stdlib_module_names and name not in IMPORT_NAMES:
        notes.say("dependency-name", at, where, said=say("part_of_python", name=name), fix=say("delete_it"))
        return None
    if (proper := IMPORT_NAMES.get(name)) is not None:
        edits = (Edit(at.node.start, at.node.end, f'"{proper}"'),) if isinstance(at, Member) else ()
        said, fix = say("proper_name", name=name, proper=proper), say("write", text=f'"{proper}"')
        notes.say("dependency-name", at, where, edits, said=said, fix=fix)
        name = proper
    if version and not version_is_sound(version, restraint):
        said = say("no_version", version=version, name=name)
        where = joined(path, "package_version")
        notes.say("dependency-restraint", at, where, said=said, fix=say("write_version"))
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
            others = "" if first == requirement else say("other_versions", first=first.line, second=requirement.line)
            notes.say("dependency-repeated", member, "dependencies", name=requirement.name, others=others)
        seen[name] = requirement
