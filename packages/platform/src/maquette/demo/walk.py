"""The walk of the demo, from images to answers, through the doors that every user of a Maquette has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maquette.demo import online
from maquette.demo.bucket import Buckets, upload
from maquette.demo.client import Predictions
from maquette.demo.images import Split, split_images, write_digits
from maquette.demo.steps import Steps, show_line
from maquette.demo.training import CODE, IMAGES, OUTPUT, Wanted, jobs_of
from maquette.demo.verdict import Verdict, judge
from maquette.kernel.errors import MaquetteError
from maquette_sdk.client import Client, Model, Service

PROJECT = Path(__file__).parent / "digits" / "code"


@dataclass(frozen=True)
class Outcome:
    """What came of it, and how the service is called as long as it is there."""

    verdict: Verdict
    address: str
    app_code: str


@dataclass(frozen=True)
class Walk:
    """One demo: who does it, where, and under which name everything of it is made."""

    steps: Steps
    client: Client
    buckets: Buckets
    name: str
    folder: Path
    split: Split
    cores: int
    """What the job gets; the service has one."""
    prepare_engine: Callable[[], str]
    """Makes the engine's environment where it is not there; what it is."""

    def go(self) -> Outcome:
        self.fill_bucket()
        with self.steps.step("engine") as figures:
            figures.append(self.prepare_engine())
        reported = self.train()
        model = self.import_model()
        app_code = online.make_app_code(self.client, self.name)
        service, predictions = self.deploy(model, app_code)
        try:
            verdict = self.predict(predictions, reported)
            self.read_counts(service, predictions.calls)
        finally:
            predictions.close()
        return Outcome(verdict, service.address, app_code)

    def fill_bucket(self) -> None:
        with self.steps.step("bucket") as figures:
            self.buckets.make(self.name)
            count, size = upload(self.buckets, self.name, {IMAGES: self.folder / "given", CODE: PROJECT})
            figures += [f"obs://{self.name}", f"{count} objects", f"{size / 1000:,.0f} KB", f"by {self.buckets.told}"]

    def train(self) -> float:
        """The accuracy that the script reports of itself."""
        with self.steps.step("training job") as figures:
            jobs = jobs_of(self.client)
            for line in jobs.run(Wanted(self.name, self.name, self.cores)):
                show_line(line)
            reported = read_accuracy(self.buckets.read(self.name, f"{OUTPUT}metric.json"))
            figures += [f"by {jobs.told}", f"metric.json: accuracy {reported:.4f}"]
        return reported

    def import_model(self) -> Model:
        with self.steps.step("model") as figures:
            model = online.import_model(self.client, self.name)
            figures += [f"{model.name} {model.version}", f"package {online.findings(model)}"]
        return model

    def deploy(self, model: Model, app_code: str) -> tuple[Service, Predictions]:
        with self.steps.step("service") as figures:
            service = online.deploy(self.client, model, self.name)
            predictions = Predictions(service.address, app_code)
            online.until_answered(service, predictions, self.folder / "unseen" / next(iter(self.split.unseen)))
            figures.append("from deploy to the first answer 200")
        return service, predictions

    def predict(self, predictions: Predictions, reported: float) -> Verdict:
        with self.steps.step("predictions") as figures:
            found = {name: predictions.predict(self.folder / "unseen" / name) for name in self.split.unseen}
            verdict = judge(self.split.unseen, found, reported)
            figures += [f"{len(found)} unseen images by REST with an app code", f"accuracy {verdict.accuracy:.4f}"]
        return verdict

    def read_counts(self, service: Service, calls: int) -> None:
        with self.steps.step("statistics") as figures:
            total = online.counted(service, calls)
            half, most = total["p50_ms"], total["p99_ms"]
            figures += [
                f"{total['calls']} calls, {total['failures']} failures",
                f"p50 {half:.1f} ms, p99 {most:.1f} ms",
            ]


def make_images(folder: Path, data: Path | None) -> Split:
    """`given` and `unseen` in the folder, from the shipped digits or from a folder of one's own."""
    source = data
    if source is None:
        source = folder / "digits"
        write_digits(source)
    elif not source.is_dir():
        raise MaquetteError(f"The image folder '{source}' does not exist.")
    return split_images(source, folder / "given", folder / "unseen")


def read_accuracy(metric: bytes) -> float:
    try:
        found: Any = json.loads(metric)["total_metric"]["total_metric_values"]["accuracy"]
        return float(found)
    except (ValueError, KeyError, TypeError):
        raise MaquetteError("The script left no accuracy in metric.json.") from None
