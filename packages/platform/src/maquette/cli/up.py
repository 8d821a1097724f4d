"""`maquette up`, and its two roles apart: `maquette server`, `maquette worker`."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from maquette import migrations, wiring
from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.journal import write_journal
from maquette.kernel.settings import Settings, read_settings
from maquette.runs import actions as runs
from maquette.server import Listening, serve
from maquette.web.listening import Certificate, listen
from maquette.worker import work
from maquette.workspaces import actions as workspaces

log = logging.getLogger("maquette.up")

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT, OBS_PORT = 7788, 7789
STEADY_SECONDS = 30.0
LONGEST_PAUSE = 30.0
KEPT_BACKUPS = 5

Command = Callable[..., Any]


def listening_options(command: Command) -> Command:
    for option in (
        click.option("--host", default=LOOPBACK[0], show_default=True, help="Where to listen; 0.0.0.0: everywhere."),
        click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free one."),
        click.option(
            "--obs-port", type=click.IntRange(0, 65535), default=OBS_PORT, show_default=True, help="The object store's."
        ),
        click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate, with its chain, as PEM."),
        click.option("--tls-key", type=click.Path(path_type=Path), help="Its key, where it is not in the same file."),
        click.option("--behind-proxy", is_flag=True, help="A proxy on the way speaks TLS and says who is asking."),
    ):
        command = option(command)
    return command


home_option = click.option(
    "--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette."
)


@click.command()
@home_option
@listening_options
@click.option("--no-browser", is_flag=True, help="Do not open the console in a browser.")
def up(no_browser: bool, **options: Any) -> None:
    """Starts Maquette: server and worker on one machine. Ctrl-C ends it."""
    started = time.monotonic()
    settings, listening = begin(**options)
    home.make(settings.home)
    with home.held(settings.home):
        ctx = open_platform(settings)
        address = address_of(listening)
        home.tell_where(settings.home, address)
        with kept(worker_command(settings)):
            serve(ctx, listening, lambda: tell_ready(ctx, listening, started, no_browser))
        tell_stopped(ctx)
        ctx.database.close()


@click.command()
@home_option
@listening_options
def server(**options: Any) -> None:
    """Starts the server role alone: routes, gateway and object store."""
    started = time.monotonic()
    settings, listening = begin(**options)
    home.make(settings.home)
    ctx = open_platform(settings)
    serve(ctx, listening, lambda: tell_ready(ctx, listening, started, no_browser=True))
    ctx.database.close()


@click.command()
@home_option
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def worker(home: Path | None, with_parent: bool) -> None:
    """Starts the worker role alone: what takes time."""
    settings = read_settings(home=home)
    write_journal(settings.log)
    ctx = wiring.platform(settings)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    if with_parent:
        threading.Thread(target=stop_with_parent, args=(stopped,), daemon=True).start()
    work(ctx, stopped)
    ctx.database.close()


def stop_with_parent(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()


def tell_stopped(ctx: Platform) -> None:
    """Runs are watched by supervisors of their own, so they go on."""
    names = sorted({f"{run.kind} '{run.order.name}'" for run in runs.going_on(ctx)})
    told = f"; what runs goes on, and the next start finds it again: {', '.join(names)}" if names else ""
    click.echo(f"maquette: stopped{told}", err=True)


# ── before it serves ─────────────────────────────────────────────────────────────────────────────


def begin(
    home: Path | None, host: str, port: int, obs_port: int, tls_cert: Path | None, tls_key: Path | None,
    behind_proxy: bool,
) -> tuple[Settings, Listening]:  # fmt: skip
    """Settings and sockets; nothing has been made yet when one of them is refused."""
    settings = read_settings(home=home)
    certificate = read_certificate(tls_cert, tls_key)
    if host not in LOOPBACK and certificate is None and not behind_proxy:
        raise BadInput(
            f"On {host} others could read passwords and keys on their way. Give --tls-cert, or --behind-proxy where a "
            "proxy speaks TLS.",
            field="host",
        )
    if certificate:
        settings = replace(settings, hosts=(*settings.hosts, *names_in(certificate)))
    write_journal(settings.log)
    main = listen(host, port)
    try:
        return settings, Listening(main, listen(host, obs_port, "obs-port"), certificate, behind_proxy)
    except BaseException:
        main.close()
        raise


def read_certificate(certificate: Path | None, key: Path | None) -> Certificate | None:
    if certificate is None:
        if key is not None:
            raise BadInput("--tls-key is of no use without --tls-cert.", field="tls-cert")
        return None
    import ssl  # needed here only

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except OSError as error:
        told = f"'{key or certificate}' cannot be used for TLS ({error.strerror or error})."
        raise BadInput(
            f"{told} Give a PEM certificate with --tls-cert and its key with --tls-key.", field="tls-cert"
        ) from None
    return Certificate(certificate, key)


def names_in(certificate: Certificate) -> list[str]:
    """Whoever has a certificate for a name means the server to be called by it."""
    from cryptography import x509  # needed here only

    try:
        held = x509.load_pem_x509_certificate(certificate.certificate.read_bytes())
        names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return []
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def open_platform(settings: Settings) -> Platform:
    """The platform with its rows as this version needs them."""
    ctx = wiring.platform(settings)
    found, newest = migrations.found(ctx.database), migrations.newest()
    if found is not None and found != newest:
        save_before(ctx, found)
    migrations.upgrade(ctx.database)
    workspaces.first_start(ctx)
    return ctx


def save_before(ctx: Platform, step: str) -> None:
    """Rows are copied before they are changed; the last few copies are kept."""
    if not ctx.database.is_sqlite:
        log.warning(
            "The rows are about to be brought from step %s to this version's; PostgreSQL's backup is yours.", step
        )
        return
    folder = ctx.settings.home.backups
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / f"before-{step}-{time.strftime('%Y%m%d-%H%M%S')}.db"
    ctx.database.copy_to(target)
    log.info("The rows as they were are in %s.", target)
    for old in sorted(folder.glob("before-*.db"), key=lambda path: path.stat().st_mtime)[:-KEPT_BACKUPS]:
        old.unlink()


# ── the worker beside it ─────────────────────────────────────────────────────────────────────────


def worker_command(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "maquette.cli", "worker", "--home", str(settings.home.path), "--with-parent"]


@contextlib.contextmanager
def kept(command: list[str]) -> Iterator[None]:
    """Runs a process beside this one, again when it ends, until the block does. It ends with us, come what may."""
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        pause = 0.0
        while not stopping.wait(pause):
            began = time.monotonic()
            # Its standard input ends when this process does, and in a session of its own Ctrl-C is ours to pass on.
            process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
            running[:] = [process]
            code = process.wait()
            if not stopping.is_set():
                pause = 0.0 if time.monotonic() - began > STEADY_SECONDS else min(max(1.0, 2 * pause), LONGEST_PAUSE)
                log.error("The worker has ended with code %d; another one is started in %.0f s.", code, pause)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for process in running:
            process.terminate()
        keeper.join(10)
        for process in running:
            process.kill()


# ── what it says ─────────────────────────────────────────────────────────────────────────────────


def address_of(listening: Listening, store: bool = False) -> str:
    host, port = (listening.store if store else listening.main).getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 – read, not listened on
    shown = f"[{shown}]" if ":" in shown else shown
    return f"{'https' if listening.certificate else 'http'}://{shown}:{port}"


def public_address(ctx: Platform, listening: Listening) -> str:
    """Where others find the page; an address of this machine alone would not lead them here."""
    own, hosts = address_of(listening), [name for name in ctx.settings.hosts if "*" not in name]
    if not hosts or (not listening.behind_proxy and listening.main.getsockname()[0] in LOOPBACK):
        return own
    return f"https://{hosts[0]}" if listening.behind_proxy else f"https://{hosts[0]}:{own.rpartition(':')[2]}"


def tell_ready(ctx: Platform, listening: Listening, started: float, no_browser: bool) -> None:
    address = address_of(listening)
    click.echo(f"maquette: ready after {time.monotonic() - started:.1f} s at {address}", err=True)
    click.echo(f"maquette: object store (S3, OBS) at {address_of(listening, store=True)}", err=True)
    ticket = workspaces.owner_link(ctx)
    if ticket:
        address = f"{public_address(ctx, listening)}/sign-in#{ticket}"
        click.echo(
            f"maquette: sign in once with this link, within an hour, and choose a password:\n\n    {address}\n",
            err=True,
        )
    if not no_browser and sys.stderr.isatty() and (os.environ.get("DISPLAY") or shutil.which("wslview")):
        webbrowser.open(address)
