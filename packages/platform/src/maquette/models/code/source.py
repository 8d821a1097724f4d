"""One Python file of a package, read and never run: its syntax tree, or why it has none."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from maquette.models.findings import Finding
from maquette.models.sentences import say

LARGEST = 8 << 20
PYTHON_2 = (
    # a construct of Python 2 that does not parse today, and what it is called
    (re.compile(r"^\s*print\s+[^=(\s.\[,]|^\s*print\s*$|[:;]\s*print\s+[\"'\w]"), say("print")),
    (re.compile(r"^\s*except\s+[\w.()\s,]+,\s*\w+\s*:"), "'except …, e:'"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "'raise E, \"…\"'"),
    (re.compile(r"^\s*exec\s+[\"'\w]"), say("exec")),
    (re.compile(r"<>"), say("unequal")),
    (re.compile(r"`[^`]+`"), say("backticks")),
    (re.compile(r"\b0[0-7]+\b(?!\.)"), say("octal")),
    (re.compile(r"\bur[\"']", re.IGNORECASE), 'ur"…"'),
    (re.compile(r"\b\d+[lL]\b"), say("long")),
    (re.compile(r"\bdef\s+\w+\s*\(([^()=]*,)?\s*\(\s*\w|\blambda\s*\(\s*\w"), say("tuple")),
)
PYTHON_2_NAMES = {
    # a name that parses and is not there any more -> what it is called today
    "xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str", "unichr": "chr", "long": "int",
    "reload": "importlib.reload", "execfile": "exec(…)", "reduce": "functools.reduce", "cmp": say("key_function"),
}  # fmt: skip
PYTHON_2_MODULES = {
    "urllib2": "urllib.request", "ConfigParser": "configparser", "cPickle": "pickle", "StringIO": "io",
    "cStringIO": "io", "Queue": "queue", "httplib": "http.client", "urlparse": "urllib.parse", "commands": "subprocess",
    "HTMLParser": "html.parser", "BaseHTTPServer": "http.server", "SocketServer": "socketserver", "thread": "_thread",
}  # fmt: skip
PYTHON_2_METHODS = {"iteritems": "items()", "itervalues": "values()", "iterkeys": "keys()", "has_key": "`in`"}
PYTHON_2_WORDS = re.compile(rf"\b({'|'.join([*PYTHON_2_NAMES, *PYTHON_2_MODULES, *PYTHON_2_METHODS])})\b|print\s*>>")
RESERVED = re.compile(r"(?<![\w.])(async|await)(?=\s*[=,).:\[])|(?<=\.)(async|await)\b")


@dataclass(frozen=True)
class Source:
    """A file as read: `tree` is None where it cannot be parsed; `trouble` says what keeps Python from running it."""

    file: str
    text: str = ""
    tree: ast.Module | None = None
    trouble: Finding | None = None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, gathered once."""
        return list(ast.walk(self.tree)) if self.tree else []

    @property
    def texts(self) -> Iterator[tuple[str, int]]:
        """The texts that the code holds, with their lines."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, node.lineno


def read_source(content: bytes, file: str) -> Source:
    """Reads a Python file by the rules of Python itself: its encoding, then its syntax."""
    try:
        text = decoded(content)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        line = content[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        return Source(file, trouble=Finding("source-encoding", {"said": str(error)}, file, line))
    try:
        return Source(file, text, parsed(text))
    except (SyntaxError, ValueError) as error:
        mended = RESERVED.sub(lambda found: f"{found.group()}_", text)
        try:
            tree = parsed(mended)
        except (SyntaxError, ValueError):
            return Source(file, text, trouble=trouble_of(error, text, file))
        line, word = next(reserved_words(text))
        return Source(file, text, tree, Finding("reserved-word", {"word": word}, file, line))


def reserved_words(text: str) -> Iterator[tuple[int, str]]:
    """Lines where `async` or `await` is a name, as Python 3.6 and older allowed."""
    for number, line in enumerate(text.split("\n"), 1):
        for found in RESERVED.finditer(without_texts(line)):
            yield number, found.group()


def decoded(content: bytes) -> str:
    if len(content) > LARGEST:
        raise SyntaxError(f"it has {len(content) >> 20} MiB")
    if b"\0" in content:
        raise SyntaxError("it holds null bytes")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old code is full of "\d" in plain strings
        return ast.parse(text)


def trouble_of(error: Exception, text: str, file: str) -> Finding:
    """Why a file does not parse: because it is Python 2, or because of a slip."""
    if not isinstance(error, SyntaxError):
        return Finding("syntax-error", {"said": say("unparsed", reason=error)}, file)
    lines = text.split("\n")
    at = error.lineno or 1
    for number in (at, at - 1):
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        for pattern, construct in PYTHON_2:
            if pattern.search(without_texts(line)):
                return Finding("python2-code", {"construct": construct}, file, number, indent(line))
    shown = lines[at - 1].strip()[:60] if at <= len(lines) else ""
    said = f"{error.msg[:1].upper()}{error.msg[1:]}" + (f": {shown}" if shown else ".")
    return Finding("syntax-error", {"said": said}, file, at, error.offset or None)


def without_texts(line: str) -> str:
    """A line without what its texts and comments say, so that prose is not taken for code."""
    return re.sub(r"#.*", "", re.sub(r"(\"|')(?:(?!\1).)*\1", r"\1\1", line))


def indent(line: str) -> int:
    return len(line) - len(line.lstrip()) + 1


# ── names of Python 2 in code that parses ──


def python_2_names(source: Source) -> Iterator[Finding]:
    """Names that Python 3 lacks, where the file neither defines nor guards them."""
    if not PYTHON_2_WORDS.search(source.text):
        return
    own = defined_names(source.nodes)
    guarded = guarded_lines(source.nodes)
    seen: set[str] = set()
    for node in source.nodes:
        for name, meant in python_2_uses(node, own):
            if name not in seen and node.lineno not in guarded:  # type: ignore[attr-defined]
                seen.add(name)
                line, column = node.lineno, node.col_offset + 1  # type: ignore[attr-defined]
                yield Finding("python2-name", {"name": name, "meant": meant}, source.file, line, column)


def python_2_uses(node: ast.AST, own: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
        if node.id in PYTHON_2_NAMES:
            yield node.id, PYTHON_2_NAMES[node.id]
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in PYTHON_2_MODULES:
                yield alias.name, PYTHON_2_MODULES[alias.name]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in PYTHON_2_MODULES:
        yield node.module, PYTHON_2_MODULES[node.module]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PYTHON_2_METHODS:
        yield node.func.attr, PYTHON_2_METHODS[node.func.attr]
    elif (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.RShift)
        and isinstance(node.left, ast.Name)
        and node.left.id == "print"
    ):
        yield "print >>", "print(…, file=…)"


def defined_names(nodes: list[ast.AST]) -> frozenset[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return frozenset(names)


def guarded_lines(nodes: list[ast.AST]) -> frozenset[int]:
    """Lines inside `try` statements and version tests, where a missing name is expected."""
    lines: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Try) or (isinstance(node, ast.If) and "version" in ast.dump(node.test)):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(lines)
