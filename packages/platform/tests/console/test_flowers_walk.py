"""Flowers with ResNet34, all of it in the browser: bucket, algorithm, training job, TensorBoard, evaluation, model,
service, prediction. In either language."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import LONG
from .test_training import engines_at_hand  # noqa: F401 -- a fixture
from .walking import Walker, at_work  # noqa: F401 -- fixtures

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "flowers_resnet"
KINDS = {"daisy", "dandelion", "roses", "sunflowers", "tulips"}
EACH = 4
EPOCHS = 3
BUCKET = "flowers-resnet"
both = pytest.mark.parametrize("language", ["zh-CN", "en"])
pytestmark = [pytest.mark.engine("pytorch"), pytest.mark.engine("tensorboard")]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folders that somebody has on their disk: drawn flowers, the code, and the package's files for this engine."""
    folder = tmp_path_factory.mktemp("flowers")
    command = [sys.executable, EXAMPLE / "make_data.py", folder / "data_set", f"--each={EACH}"]
    subprocess.run(command, check=True, capture_output=True)
    for name in ("code", "infer"):
        shutil.copytree(EXAMPLE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    config = folder / "infer" / "config.json"
    config.write_text(config.read_text().replace("pytorch1.4-python3.7", "pytorch2.13-python3.11"))
    return folder


@both
def test_flowers_from_the_first_upload_to_a_prediction(at_work, owner, visit, project, language):  # noqa: F811
    walker = Walker(visit(language).sign_in(), language)
    walker.make_bucket(BUCKET)
    walker.upload(project / "data_set")
    walker.upload(project / "code")
    make_algorithm(walker)
    train(walker)
    look_at_curves(walker, at_work.store)
    look_at_tensorboard(walker)
    look_at_evaluation(walker, at_work.store, language)
    walker.open_folder(BUCKET, "model")
    walker.upload(*(project / "infer" / name for name in ("config.json", "customize_service.py")))
    walker.import_model("flowers", folder=(BUCKET, "model/"))
    judge(walker)
    walker.deploy("flowers")
    predict(walker, at_work.store, project)
    walker.stop_service()


def make_algorithm(walker):
    say = walker.say
    walker.open("algorithms")
    walker.page.get_by_role("link", name=say("algorithms.new")).first.click()
    walker.fill(say("kit.name"), "resnet34")
    walker.pick(say("jobs.code"), BUCKET, "code/")
    walker.pick(say("jobs.bootFile"), "train.py")
    walker.choose_engine("pytorch-2.13.0")
    walker.add("outputs")
    walker.fill(f"{say('jobs.outputs')}: {say('kit.name')} 2", "eval_url")
    for number, (name, value) in enumerate({"epochs": EPOCHS, "batch_size": 8}.items(), 1):
        walker.add("parameters")
        walker.fill_last(f"{say('kit.name')} {number}", name)
        walker.choose(f"{say('algorithms.kind')} {number}", say("algorithms.kinds.Integer"))
        walker.fill(f"{say('create.value')} {number}", str(value))
    walker.click("kit.make")
    expect(walker.page.get_by_role("link", name="resnet34")).to_be_visible()


def train(walker):
    say = walker.say
    walker.click("jobs.new")
    walker.fill(say("kit.name"), "flowers")
    expect(walker.page.get_by_role("textbox", name=f"{say('create.value')} epochs")).to_have_value(str(EPOCHS))
    walker.pick(f"{say('jobs.inputs')} data_url", BUCKET, "data_set/")
    walker.fill(f"{say('jobs.outputs')} train_url", f"obs://{BUCKET}/train/")
    walker.fill(f"{say('jobs.outputs')} eval_url", f"obs://{BUCKET}/out/")
    walker.add("environment")
    walker.fill(f"{say('jobs.environment')}: {say('kit.name')} 1", "OMP_NUM_THREADS")
    walker.fill(f"{say('create.value')} 1", "2")
    walker.start_job("flowers")
    walker.sees_job_end("starts from scratch on cpu", "epoch 1: loss", f"epoch {EPOCHS}: loss", "val: ")


def look_at_curves(walker, store):
    walker.tab("jobs.tabs.metrics")
    expect(walker.page.locator("figure.chart", has_text="loss").locator("canvas")).to_be_visible()
    told = read_json(store, "train/metric.json")["total_metric"]["total_metric_values"]["accuracy"]
    expect(walker.page.get_by_role("row", name="accuracy")).to_contain_text(f"{told:.5g}")


def look_at_tensorboard(walker):
    with walker.page.expect_popup() as opened:
        walker.page.get_by_role("button", name="TensorBoard", exact=True).click()
    board = opened.value
    expect(board.get_by_text("loss", exact=True).first).to_be_visible(timeout=LONG)
    board.close()


def look_at_evaluation(walker, store, language):
    """What the report says, in the language of the page and as it stands in the file."""
    walker.tab("jobs.tabs.analysis")
    report = read_json(store, "out/val/model_analysis_results.json")[language.lower() if language != "en" else "en-us"]
    page = walker.page
    accuracy = report["common"]["acc"]
    [(name, value)] = list(accuracy["value"].items())[:1]
    shown = page.locator(".operation", has=page.get_by_role("heading", name=accuracy["title"], exact=True)).first
    expect(shown.locator(".figures > div", has_text=name).locator("dd")).to_have_text(f"{value:.5g}")
    [(_, matrix)] = report["precision_performance"]["cm"]["table"].items()
    title = report["precision_performance"]["cm"]["title"]
    table = page.locator(".operation", has=page.get_by_role("heading", name=title, exact=True)).get_by_role("table")
    expect(table.locator("tbody tr")).to_have_count(len(KINDS))
    assert table.locator("tbody td").all_inner_texts() == [str(cell) for row in matrix["cell_value"] for cell in row]
    expect(page.locator("figure.chart canvas").first).to_be_visible()


def judge(walker):
    """The check found nothing to mend."""
    expect(walker.page.get_by_text(walker.say("models.sound"), exact=True)).to_be_visible()
    expect(walker.page.get_by_text("FlowersService", exact=True)).to_be_visible()


def predict(walker, store, project):
    """The page draws the very class that the evaluation has told for this picture."""
    walker.tab("services.tabs.predict")
    samples = read_json(store, "out/val/all_samples.json")
    picture = next((project / "data_set" / "val" / "roses").iterdir())
    sample = next(one for one in samples if one["obs_path"].endswith(f"val/roses/{picture.name}"))
    walker.give("images", picture)
    walker.ask()
    bars = walker.page.get_by_role("list", name=walker.say("predict.scores")).get_by_role("listitem")
    expect(bars).to_have_count(len(KINDS))
    labels = bars.locator("span[title]").all_inner_texts()
    scores = [float(score) for score in bars.locator("b").all_inner_texts()]
    assert set(labels) == KINDS
    assert labels[0] == sample["predict_labels"][0]["name"]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=0.001)


def read_json(store, key):
    _, file = store.open(BUCKET, key)
    with file:
        return json.loads(file.read())
