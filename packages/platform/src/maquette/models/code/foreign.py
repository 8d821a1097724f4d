"""What a service may not be: an HTTP server of its own, or code for Ascend processors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from maquette.models.code.classes import dotted
from maquette.models.code.modules import Import, Modules, Reach, is_main_guard
from maquette.models.sentences import say

SERVER_MODULES = frozenset(
    {"flask", "fastapi", "sanic", "bottle", "tornado", "aiohttp", "starlette", "uvicorn", "gunicorn", "waitress"}
    | {"cherrypy", "falcon", "http.server", "BaseHTTPServer", "SocketServer", "socketserver", "wsgiref"}
)
APPLICATIONS = frozenset({"Flask", "FastAPI", "Sanic", "Bottle", "Starlette", "Application"})
SERVERS = frozenset(
    {"HTTPServer", "ThreadingHTTPServer", "TCPServer", "WSGIServer", "make_server", "serve_forever", "run_app"}
)
ASCEND_MODULES = frozenset({"acl", "torch_npu", "hiai", "ais_bench", "mindx", "tbe", "npu_bridge"})

ASCEND_BASES = "model_service.hiai_model_service"
OFFLINE_MODEL = re.compile(r"[\w./{}% -]*\w\.om")


def server(tree: ast.Module, imports: tuple[Import, ...]) -> tuple[str, int] | None:
    """What makes a file an HTTP server, and its line: it starts one, makes an application, or imports a framework."""
    start = next(starts(list(ast.walk(tree)), tree), None)
    if start is not None:
        return start
    for node in ast.walk(tree):
        name = called_name(node)
        if name in APPLICATIONS or name in SERVERS:
            return f"{name}(…)", node.lineno  # type: ignore[attr-defined]
    for imported in imports:
        if {imported.module, imported.module.split(".")[0]} & SERVER_MODULES:
            return f"import {imported.module}", imported.line
    return None


def started_on_import(tree: ast.Module) -> tuple[str, int] | None:
    """A server that starts when the file is imported, so that the import never ends."""
    nodes = [node for statement in tree.body if not is_main_guard(statement) for node in on_import(statement)]
    return next(starts(nodes, tree), None)


def on_import(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: everything but the insides of functions."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    yield from ast.walk(statement)


def starts(nodes: list[ast.AST], tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Calls that start a server: `app.run()`, `uvicorn.run(app)`, `HTTPServer(…).serve_forever()`."""
    applications = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and called_name(node.value) in APPLICATIONS
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = (dotted(node.func.value) or [""])[0]
        if node.func.attr in ("serve_forever", "run_app") or (
            node.func.attr in ("run", "listen", "serve") and (owner in applications or owner in SERVER_MODULES)
        ):
            yield f"{owner or '…'}.{node.func.attr}(…)", node.lineno


def called_name(node: ast.AST | None) -> str:
    """`Flask` for `flask.Flask(__name__)`; empty for what is no call."""
    path = dotted(node.func) if isinstance(node, ast.Call) else None
    return path[-1] if path else ""


def ascend_uses(modules: Modules, reach: Reach) -> Iterator[tuple[str, str, int]]:
    """Code that needs an Ascend processor: what it does, its file and line."""
    for file, imported in reach.imports:
        top = imported.module.split(".")[0]
        foreign = top in ASCEND_MODULES and not modules.is_local(top)
        if (foreign or imported.module == ASCEND_BASES) and not imported.guarded:
            yield say("imported", module=imported.module), file, imported.line
    for file in reach.files:
        for text, line in modules.source(file).texts:
            if OFFLINE_MODEL.fullmatch(text):
                yield say("offline_model", name=text.rsplit("/", 1)[-1]), file, line
