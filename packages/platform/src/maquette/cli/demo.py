"""`maquette demo`: the main job in front of your eyes, on real images, judged on images the script never saw."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from maquette import wiring
from maquette.demo.client import predict
from maquette.demo.images import Split, split_images, write_digits
from maquette.demo.verdict import Verdict, judge
from maquette.kernel.context import Context
from maquette.kernel.errors import MaquetteError
from maquette.kernel.settings import read_settings
from maquette.models.check import check
from maquette.runs.follow import follow
from maquette.training.actions import Submission, discard, found_metrics, prepare
from maquette.training.code import find_code
from maquette.training.domain import Dialect

CODE = Path(__file__).parent.parent / "demo" / "digits" / "code"
READY = re.compile(r"ready after .* at (http://\S+?)[,;]")


@dataclass
class Steps:
    """The table of what was done: step, seconds, figure."""

    rows: list[tuple[str, float, str]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Times a step; what the block puts into the list is shown as its figures."""
        click.secho(f"● {name}", bold=True)
        figures: list[str] = []
        start = time.monotonic()
        yield figures
        self.rows.append((name, time.monotonic() - start, ", ".join(figures)))

    def show(self) -> None:
        width = max(len(name) for name, _, _ in self.rows)
        click.echo()
        for name, seconds, figure in self.rows:
            click.echo(f"  {name:<{width}}  {seconds:6.1f} s  {figure}")
        click.echo(f"  {'total':<{width}}  {sum(seconds for _, seconds, _ in self.rows):6.1f} s")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Images of your own, one sub-folder per class.")
@click.option(
    "--home", type=click.Path(path_type=Path), help="Maquette's folder; default MAQUETTE_HOME or ~/.maquette."
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("output/demo"), show_default=True)
def demo(data: Path | None, home: Path | None, output: Path) -> None:
    """Does the main job before your eyes.

    Trains a ModelArts-style script on real images, checks its package, puts it online and judges the answers on
    images that the script never saw.
    """
    ctx = wiring.context(read_settings(home=home))
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="maquette-demo-") as folder:
        verdict = run_demo(ctx, steps, Path(folder), data, output.resolve())
    steps.show()
    if verdict.problems:
        raise MaquetteError(f"The demo failed: {'; '.join(verdict.problems)}.")
    click.secho(
        f"\nAccuracy on images the script never saw: {verdict.accuracy:.4f}; it reported {verdict.reported:.4f}.",
        fg="green",
    )


def run_demo(ctx: Context, steps: Steps, folder: Path, data: Path | None, output: Path) -> Verdict:
    with steps.step("images") as figures:
        split = make_images(folder, data)
        figures.append(f"{split.given} given to the script, {len(split.unseen)} kept unseen")
    with steps.step("engine") as figures:
        environment = ctx.engines.prepare(ctx.engines.resolve("pytorch"), (), show_line)
        figures.append(f"{environment.resolution.engine}, Python {environment.resolution.python_version}")
    with steps.step("training job") as figures:
        trained, reported = train(ctx, folder / "given", output)
        figures.append(f"accuracy by metric.json {reported:.4f}")
    package = trained / "model"
    with steps.step("check") as figures:
        figures.append(f"sound, {check_package(ctx, package)} files in {package}")
    with ExitStack() as running:
        with steps.step("service") as figures:
            address = running.enter_context(online(ctx, package))
            figures.append(address)
        with steps.step("predictions over HTTP") as figures:
            predictions = {name: predict(address, folder / "unseen" / name) for name in split.unseen}
            verdict = judge(split.unseen, predictions, reported)
            figures.append(f"accuracy {verdict.accuracy:.4f} on {len(predictions)} images")
    return verdict


def make_images(folder: Path, data: Path | None) -> Split:
    source = data
    if source is None:
        source = folder / "digits"
        write_digits(source)
    elif not source.is_dir():
        raise MaquetteError(f"The image folder '{source}' does not exist.")
    return split_images(source, folder / "given", folder / "unseen")


def train(ctx: Context, images: Path, output: Path) -> tuple[Path, float]:
    """Runs train.py as a V1 job (s3:// addresses, moxing); the output's version folder and the reported accuracy."""
    results, metrics = run_script(
        ctx,
        Submission(
            code=find_code(CODE, "train.py"),
            dialect=Dialect.V1,
            engine="pytorch",
            inputs={"data_url": str(images)},
            outputs={"train_url": str(output)},
        ),
    )
    if not isinstance(metrics, dict) or "accuracy" not in metrics:
        raise MaquetteError(f"The script left no accuracy in {results / 'metric.json'}.")
    return results, metrics["accuracy"]


def check_package(ctx: Context, package: Path) -> int:
    """How many files the package has; raises MaquetteError with what is wrong with it."""
    report = check(ctx, package)
    if not report.sound:
        raise MaquetteError(f"The package is not sound: {'; '.join(finding.message for finding in report.errors)}")
    return sum(1 for path in package.rglob("*") if path.is_file())


@contextmanager
def online(ctx: Context, package: Path) -> Iterator[str]:
    """`maquette serve` as a process of its own; gives its address as soon as it is ready."""
    home = str(ctx.settings.home.path)
    command = [sys.executable, "-m", "maquette", "serve", str(package), "--port", "0", "--home", home]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as service:
        try:
            yield read_address(service)
        finally:
            service.terminate()


def read_address(service: subprocess.Popen[str]) -> str:
    said = []
    for line in service.stderr or ():
        show_line(line.rstrip())
        said.append(line)
        if found := READY.search(line):
            return found.group(1)
    raise MaquetteError(f"The service did not start: {''.join(said[-3:]).strip()}")


def run_script(ctx: Context, submission: Submission) -> tuple[Path, dict[str, float] | str | None]:
    prepared = prepare(ctx, submission, show_line)
    try:
        ctx.executor.start(prepared.process)
        ended = follow(ctx.executor, prepared.process.folder, prepared.run.log, show_chunk)
        if ended.code:
            raise MaquetteError(
                f"{submission.code.boot_file} ended with exit code {ended.code} {ended.message}"
                f" Its log is {prepared.run.log}."
            )
        return prepared.results["train_url"], found_metrics(prepared)
    except BaseException:
        ctx.executor.stop(prepared.process.folder, now=True)
        raise
    finally:
        discard(prepared.run, keep_log=True)


def show_line(line: str) -> None:
    click.secho(f"  │ {line}", dim=True)


def show_chunk(chunk: bytes) -> None:
    for line in chunk.decode("utf-8", "replace").splitlines():
        show_line(line)
