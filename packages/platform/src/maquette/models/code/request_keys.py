"""Which keys of a request the code reads, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from maquette.models.code.classes import Function, ServiceClass

HARMLESS_CALLS = frozenset({"print", "len", "type", "str", "repr", "isinstance", "bool", "id"})
HARMLESS_METHODS = frozenset({"info", "debug", "warning", "warn", "error", "log", "dumps", "loads", "decode"})
LOOPS = frozenset({"items", "keys", "values", "iteritems"})


@dataclass
class Reads:
    """`keys` with the line of their first reading, `needed` those without which it fails; `everything` where it loops
    over whatever came, `elsewhere` where it hands the whole request to code that is not followed."""

    keys: dict[str, int] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    everything: bool = False
    elsewhere: bool = False


def request_reads(service: ServiceClass) -> tuple[str, Reads] | None:
    """What the first stage reads of a request, and the file it stands in; None where the base has that stage."""
    reads = Reads()
    place = ""
    for name in ("inference", "_preprocess"):
        found = service.method(name)
        if found is None:
            continue
        file, function = found
        place = place or file
        follow(function, reads)
        if not hands_on(function):
            break
    return (place, reads) if place else None


def hands_on(function: Function) -> bool:
    """Whether an `inference` of the class's own gives the request to `_preprocess`."""
    return function.name == "inference" and any(
        isinstance(node, ast.Attribute) and node.attr == "_preprocess" for node in ast.walk(function)
    )


def follow(function: Function, reads: Reads) -> None:
    data = data_name(function)
    if data is None:
        return
    aliases = {data}
    end = rebound_line(function, data)
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    for node in sorted(uses, key=lambda node: (node.lineno, node.col_offset)):
        if node.id in aliases and isinstance(node.ctx, ast.Load) and node.lineno <= end:
            aliases.update(use(node, parents, reads))
    for name in loop_names(function, aliases):
        for key, line in compared(function, name):
            reads.keys.setdefault(key, line)


def data_name(function: Function) -> str | None:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    own = names if static else names[1:]
    return own[0] if own else None


def rebound_line(function: Function, name: str) -> float:
    """The line after which the argument's name means something else: `data = []`, but not `data = json.loads(data)`."""
    lines = [
        node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        and not is_decoding(node.value, name)
    ]
    return min(lines, default=float("inf"))


def is_decoding(value: ast.expr, name: str) -> bool:
    """`json.loads(data)` in any dress: still the request."""
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    loads = any(isinstance(call.func, ast.Attribute) and call.func.attr == "loads" for call in calls)
    return loads and any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value))


def use(node: ast.Name, parents: dict[ast.AST, ast.AST], reads: Reads) -> Iterator[str]:
    """Judges one use of the request; gives the names that it is assigned to."""
    parent = parents.get(node)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        key = constant(parent.slice)
        if key is None:
            reads.everything = True
        elif isinstance(parent.ctx, ast.Load):
            reads.keys.setdefault(key, node.lineno)
            reads.needed.add(key)
    elif isinstance(parent, ast.Attribute):
        attribute(parent, parents.get(parent), reads)
    elif isinstance(parent, ast.Compare):
        if isinstance(parent.ops[0], ast.In | ast.NotIn) and (key := constant(parent.left)) is not None:
            reads.keys.setdefault(key, node.lineno)
    elif isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        reads.everything = True
    elif isinstance(parent, ast.Assign) and parent.value is node:
        yield from (target.id for target in parent.targets if isinstance(target, ast.Name))
    elif isinstance(parent, ast.Call):
        yield from called(node, parent, parents, reads)
    elif not isinstance(parent, ast.BoolOp | ast.UnaryOp | ast.If | ast.Expr | ast.FormattedValue):
        reads.elsewhere = True


def attribute(node: ast.Attribute, call: ast.AST | None, reads: Reads) -> None:
    """`data.get("k")`, `data.items()`, `data.decode()`."""
    if node.attr in LOOPS:
        reads.everything = True
    elif node.attr in ("get", "pop", "setdefault") and isinstance(call, ast.Call) and call.args:
        key = constant(call.args[0])
        if key is None:
            reads.everything = True
        else:
            reads.keys.setdefault(key, node.lineno)
    elif node.attr not in HARMLESS_METHODS:
        reads.elsewhere = True


def called(node: ast.Name, call: ast.Call, parents: dict[ast.AST, ast.AST], reads: Reads) -> Iterator[str]:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "loads":
        assigned = parents.get(call)
        if isinstance(assigned, ast.Assign):
            yield from (target.id for target in assigned.targets if isinstance(target, ast.Name))
        elif isinstance(assigned, ast.Subscript) and (key := constant(assigned.slice)) is not None:
            reads.keys.setdefault(key, node.lineno)
        else:
            reads.elsewhere = True
        return
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in HARMLESS_CALLS | HARMLESS_METHODS | {"_preprocess"}:
        reads.elsewhere = True


def loop_names(function: Function, aliases: set[str]) -> Iterator[str]:
    """The names that take a request's keys in loops over it."""
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.comprehension) and aliases & {
            name.id for name in ast.walk(node.iter) if isinstance(name, ast.Name)
        }:
            target = node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target
            if isinstance(target, ast.Name):
                yield target.id


def compared(function: Function, name: str) -> Iterator[tuple[str, int]]:
    """The texts that a loop's key is compared with: `if k == "image"`, `if k in ("a", "b")`."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Compare) or not (isinstance(node.left, ast.Name) and node.left.id == name):
            continue
        if isinstance(node.ops[0], ast.Eq | ast.In):
            for inner in ast.walk(node.comparators[0]):
                if (key := constant(inner)) is not None:
                    yield key, node.lineno


def constant(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
