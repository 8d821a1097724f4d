"""What a module of the package offers to an import, as far as its text tells; in doubt it offers everything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from maquette.models.code.modules import Import, Modules

ALWAYS = frozenset(
    {"__name__", "__file__", "__doc__", "__path__", "__package__", "__spec__", "__loader__", "__dict__"}
    | {"__builtins__", "__cached__"}
)
"""Names that Python itself gives to every module."""

OWNERS = ("self", "cls")
INNER = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def offered(modules: Modules, file: str, seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
    """Every name that the module's text can bind, in whatever branch; None where the text does not tell them all."""
    source = modules.source(file)
    if source.tree is None or file in seen or any(makes_names(node) for node in source.nodes):
        return None
    names = set(bound_names(source.tree.body))
    names.update(name for node in source.nodes if isinstance(node, ast.Global) for name in node.names)
    if "__getattr__" in names:
        return None
    for star in modules.names(file).stars:
        more = offered_by_star(modules, star, seen | {file})
        if more is None:
            return None
        names |= more
    return frozenset(names) | ALWAYS | modules.inside(file)


def offered_by_star(modules: Modules, star: Import, seen: frozenset[str]) -> frozenset[str] | None:
    found = modules.find(star.module) if star.module else None
    return offered(modules, found, seen) if found and not found.endswith("/") else None


def makes_names(node: ast.AST) -> bool:
    """Whether this may define names that the text does not show."""
    if isinstance(node, ast.Name):
        return node.id in ("globals", "exec", "__path__")
    if isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        return (owner, node.attr) == ("sys", "modules") or (node.attr == "__dict__" and owner not in OWNERS)
    if isinstance(node, ast.ImportFrom):
        return node.module == "sys" and any(alias.name == "modules" for alias in node.names)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id in ("vars", "locals"):
        return not node.args
    first = node.args[0] if node.args else None
    return node.func.id == "setattr" and not (isinstance(first, ast.Name) and first.id in OWNERS)


def bound_names(body: Iterable[ast.AST]) -> Iterator[str]:
    """The names that these statements bind where they stand, not inside functions and classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.split(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        if not isinstance(node, INNER):
            yield from bound_names(ast.iter_child_nodes(node))


def is_set_from_outside(modules: Modules, files: Iterable[str], name: str) -> bool:
    """Whether code of the package gives something other than its own objects an attribute of this name."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr == name
        and not (isinstance(node.value, ast.Name) and node.value.id in OWNERS)
        for file in files
        for node in modules.source(file).nodes
    )
