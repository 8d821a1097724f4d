"""`maquette demo`: the main job in front of your eyes, on real images, judged on images the script never saw."""

from __future__ import annotations

import contextlib
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from maquette import migrations, wiring
from maquette.cli.signed_in import KINDS
from maquette.demo.bucket import Buckets, buckets_at
from maquette.demo.images import Split
from maquette.demo.leavings import Leavings, Note, alone, new_name
from maquette.demo.running import Running, leave_proxies_out, maquette_on
from maquette.demo.steps import Steps, show_line
from maquette.demo.training import ENGINE
from maquette.demo.verdict import Verdict
from maquette.demo.walk import Outcome, Walk, make_images
from maquette.kernel import home as homes
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, MaquetteError, Refused, Unavailable
from maquette.kernel.settings import Settings, read_settings
from maquette.workspaces import actions as workspaces
from maquette.workspaces import keys
from maquette_sdk.client import Client
from maquette_sdk.client import MaquetteError as Answered

MOST_CORES = 2
KEY_SECONDS = 86400.0
"""A demo that is cut off cannot remove its key, which then runs out."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Images of your own, one sub-folder per class.")
@click.option("--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette.")
@click.option(
    "--keep/--no-keep", default=False, show_default=True, help="Leave it running, with all that was made, to look at."
)
def demo(data: Path | None, home: Path | None, keep: bool) -> None:
    """Does the main job before your eyes.

    Starts Maquette, or uses the one that runs on this home. Trains a ModelArts-style script on real images from a
    bucket, imports its package as a model, deploys it as an online service, and judges the answers on images that the
    script never saw.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)  # what was made is removed, as after Ctrl-C
    settings, steps = read_settings(home=home), Steps()
    leave_proxies_out()
    with tempfile.TemporaryDirectory(prefix="maquette-demo-") as folder:
        with steps.step("images") as figures:
            split = make_images(Path(folder), data)
            figures.append(f"{split.given} given to the script, {len(split.unseen)} kept unseen")
        homes.make(settings.home)
        with alone(settings.home) as note:
            go(settings, steps, Path(folder), split, note, keep)


def go(settings: Settings, steps: Steps, folder: Path, split: Split, note: Note, keep: bool) -> None:
    name = new_name()
    with contextlib.ExitStack() as ending, sdk_errors():
        with steps.step("Maquette") as figures:
            running = ending.enter_context(maquette_on(settings.home))
            ctx = open_platform(settings)
            ending.callback(ctx.database.close)
            client, buckets = ending.enter_context(owner(ctx, running, name))
            figures.append(f"{running.url}, {'started for this' if running.process else 'running already'}")
        if note.name:
            remove_broken_off(ctx, Leavings(client, buckets, note.name))
        leavings = Leavings(client, buckets, name)
        note.write(name)
        walk = Walk(steps, client, buckets, name, folder, split, cores(ctx), lambda: prepare_engine(ctx))
        try:
            outcome = walk.go()
            if not keep:
                with steps.step("tidying up") as figures:
                    figures.append(f"removed: {', '.join(leavings.remove())}")
        except BaseException:
            remove_all(leavings, note)
            raise
        note.release()
        steps.show()
        show_accuracy(outcome.verdict)
        if keep:
            show_kept(ctx, running, name, outcome)
            stay(running, leavings)
    if outcome.verdict.problems:
        raise MaquetteError(f"The demo failed: {'; '.join(outcome.verdict.problems)}.")


# ── the owner's way in ───────────────────────────────────────────────────────────────────────────


def open_platform(settings: Settings) -> Platform:
    ctx = wiring.platform(settings)
    if migrations.are_done(ctx.database):
        return ctx
    ctx.database.close()
    told = f"The Maquette that runs on '{settings.home.path}' is of another version than this. Start it anew."
    raise BadInput(told, field="home")


@contextlib.contextmanager
def owner(ctx: Platform, running: Running, name: str) -> Iterator[tuple[Client, Buckets]]:
    """As `maquette keys new` has it: whoever can read the home is its owner. The key goes with the block."""
    user_id, workspace_id = workspaces.owner_of_all(ctx)
    key, secret = keys.make_key(ctx, user_id, workspace_id, name, seconds=KEY_SECONDS)
    try:
        with Client(running.url, key.access, secret) as client:
            yield client, buckets_at(running.store_url, key.access, secret, wiring.remote_store)
    finally:
        keys.remove_key(ctx, user_id, key.access)


@contextlib.contextmanager
def sdk_errors() -> Iterator[None]:
    """What a client is answered becomes this command's one sentence."""
    try:
        yield
    except Answered as error:
        raise KINDS.get(error.status, Refused)(error.message) from error
    except TimeoutError as error:
        raise Unavailable(str(error)) from error


def cores(ctx: Platform) -> int:
    """So few that an earlier demo's service, which was kept, has room beside it."""
    return max(1, min(MOST_CORES, ctx.executor.capacity().cores // 2))


def prepare_engine(ctx: Platform) -> str:
    made = ctx.engines.prepare(ctx.engines.resolve(ENGINE), (), show_line).resolution
    return f"{made.engine}, Python {made.python_version}"


# ── at its end ───────────────────────────────────────────────────────────────────────────────────


def remove_broken_off(ctx: Platform, leavings: Leavings) -> None:
    """What cannot be removed of an earlier demo stops no other."""
    user_id, _ = workspaces.owner_of_all(ctx)
    for key in keys.list_keys(ctx, user_id):
        if key.description == leavings.name:
            keys.remove_key(ctx, user_id, key.access)
    try:
        gone = leavings.remove()
    except (Answered, MaquetteError, TimeoutError) as error:
        tell(f"What an earlier demo left as '{leavings.name}' could not be removed: {error}")
        return
    if gone:
        tell(f"An earlier demo was broken off; removed what it left: {', '.join(gone)}")


def remove_all(leavings: Leavings, note: Note) -> None:
    """After a failure or Ctrl-C; where it cannot be done, the next demo will."""
    with contextlib.suppress(OSError):  # a terminal that is gone keeps nothing from being removed
        click.secho("● tidying up", bold=True)
    try:
        leavings.remove()
    except (Answered, MaquetteError, TimeoutError) as error:
        tell(f"Not all of '{leavings.name}' could be removed, the next demo will: {error}")
        return
    note.write("")


def show_accuracy(verdict: Verdict) -> None:
    told = f"Accuracy on images the script never saw: {verdict.accuracy:.4f}; it reported {verdict.reported:.4f}."
    click.secho(f"\n{told}", fg="red" if verdict.problems else "green")


def show_kept(ctx: Platform, running: Running, name: str, outcome: Outcome) -> None:
    """Where everything is, and a call of the service; the address alone once somebody has a password."""
    ticket = workspaces.owner_link(ctx)
    click.echo("\nIt is all there to look at" + (", with this link to sign in by once:" if ticket else ":"))
    click.echo(f"\n    {running.url}/sign-in#{ticket}" if ticket else f"\n    {running.url}/")
    click.echo(f"\nBucket, job, model and service are called {name}. The service answers pictures:\n")
    click.echo(f"    curl -F images=@PICTURE -H 'X-Apig-AppCode: {outcome.app_code}' {outcome.address}")


def stay(running: Running, leavings: Leavings) -> None:
    """Until Ctrl-C, where Maquette was started here."""
    if running.process is None:
        return
    click.echo("\nCtrl-C stops the service and ends Maquette. All of it stays in its home.")
    try:
        running.process.wait()
    except KeyboardInterrupt:
        leavings.stop_service()
        return
    raise Unavailable(f"Maquette has ended by itself, with code {running.process.returncode}.")


def tell(sentence: str) -> None:
    click.echo(f"maquette: {sentence}", err=True)
