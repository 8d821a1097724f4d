"""Scenes of ADE20K, all of it in the browser: bucket, training job, the package's files beside what it left, model,
service, a picture predicted and drawn. In either language."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .test_training import engines_at_hand  # noqa: F401 -- a fixture
from .walking import Walker, at_work  # noqa: F401 -- fixtures

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "ade20k_service"
ENGINE = "TF-2.1.0-python3.6"
BUCKET = "ade20k"
WEIGHTS = "deeplabv3_xception65_ade20k.h5"
SKY = [6, 230, 230]
SIDE = 192
both = pytest.mark.parametrize("language", ["zh-CN", "en"])
pytestmark = [pytest.mark.engine(ENGINE), pytest.mark.every_engine]
PIXEL = """picture => picture.decode().then(() => {
    const drawn = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext("2d");
    drawn.drawImage(picture, 0, 0);
    return [picture.naturalWidth, picture.naturalHeight, ...drawn.getImageData(4, 4, 1, 1).data.slice(0, 3)];
})"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folders that somebody has on their disk; the weights are made as the example's page says."""
    folder = tmp_path_factory.mktemp("ade20k")
    for name in ("infer", "train"):
        shutil.copytree(EXAMPLE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def scene(project, engine_python):
    """A picture that the weights were not fitted to; they lie with the package's files."""
    picture = project / "dataset" / "scene.jpg"
    if not picture.is_file():
        command = [engine_python(ENGINE), "random_weights.py", f"--train_url={project / 'dataset'}"]
        quiet = {"OMP_NUM_THREADS": "2", "TF_NUM_INTRAOP_THREADS": "2", "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run(command, cwd=project / "train", env={**os.environ, **quiet}, check=True, capture_output=True)
        os.rename(project / "dataset" / WEIGHTS, project / "infer" / WEIGHTS)
    return picture


@both
def test_scenes_from_the_first_upload_to_a_predicted_picture(at_work, owner, visit, project, scene, language):  # noqa: F811
    walker = Walker(visit(language).sign_in(), language)
    walker.make_bucket(BUCKET)
    walker.upload(project / "train")
    walker.upload(project / "dataset")
    train(walker)
    walker.open_folder(BUCKET, "model", "V0001", "model")
    walker.upload(*(path for path in (project / "infer").iterdir() if path.is_file()))
    walker.upload(project / "infer" / "core")
    walker.import_model("scenes", job="scenes")
    judge(walker)
    walker.deploy("scenes", INPUT_SIZE=str(SIDE), TF_NUM_INTRAOP_THREADS="2")
    predict(walker, scene)
    walker.stop_service()


def train(walker):
    say = walker.say
    walker.open("training")
    walker.page.get_by_role("link", name=say("jobs.new")).first.click()
    walker.fill(say("kit.name"), "scenes")
    walker.pick(say("jobs.code"), BUCKET, "train/")
    walker.pick(say("jobs.bootFile"), "saved_model.py")
    walker.choose_engine(ENGINE)
    walker.pick(f"{say('jobs.inputs')} data_url", BUCKET, "dataset/")
    walker.fill(f"{say('jobs.outputs')} train_url", f"obs://{BUCKET}/model/V0001/")
    walker.add("parameters")
    walker.fill(f"{say('jobs.parameters')}: {say('kit.name')} 1", "num_gpus")
    walker.page.get_by_role("textbox", name=f"{say('create.value')} 1", exact=True).first.fill("1")
    walker.start_job("scenes")
    walker.sees_job_end("the SavedModel is empty and has no signature")


def judge(walker):
    page = walker.page
    expect(page.get_by_text(walker.say("models.sound"), exact=True)).to_be_visible()
    expect(page.get_by_text("Ade20kService", exact=True)).to_be_visible()
    walker.tab("models.tabs.config")
    expect(page.get_by_role("row", name="mask_alpha")).to_contain_text("0.1 – 0.9")


def predict(walker, scene):
    """A scene under its colours, then the colours alone: above the roofs is sky."""
    page = walker.page
    walker.tab("services.tabs.predict")
    expect(page.get_by_text(walker.say("predict.between", least=0.1, most=0.9))).to_be_visible()
    alpha = page.get_by_role("spinbutton", name="mask_alpha")
    assert float(alpha.input_value()) == 0.5
    alpha.fill("5")
    alpha.press("Tab")
    assert float(alpha.input_value()) == 0.9
    walker.give("image", scene)
    walker.ask()
    assert near(drawn(page, "jpeg"), [640, 480, *SKY], 40)
    page.get_by_role("tab", name="JSON", exact=True).click()
    expect(page.locator(".answer-text")).to_contain_text('"recognizer_data": {}')
    page.get_by_role("spinbutton", name="show_mask").fill("0")
    walker.ask()
    assert drawn(page, "png") == [640, 480, *SKY]


def drawn(page, kind):
    """Width, height, and the colour near the corner of the picture that the page shows."""
    expect(page.get_by_role("img", name="predicted_image", exact=True)).to_be_visible()
    picture = page.locator(f'img[src^="data:image/{kind}"]')
    expect(picture).to_have_count(1)
    return picture.evaluate(PIXEL)


def near(found, wanted, most):
    return all(abs(one - other) <= most for one, other in zip(found, wanted, strict=True))
