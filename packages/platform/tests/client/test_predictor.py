"""`modelarts.model` of the SDK against a live server with real instances: scripts as people wrote them."""

import json
import os
import subprocess
import sys

import pytest

LIFE = """
import json, time
from modelarts.session import Session
from modelarts.model import Model, Predictor
from modelarts.config.model_config import ServiceConfig, TransformerConfig, Params, Dependencies, Packages

session = Session(access_key="{access}", secret_key="{secret}", project_id="{project}", region_name="cn-north-4")
session.obs.upload_dir("pets-first/model", "obs://pets/first/")
model_instance = Model(session,
                       model_name="pets",
                       model_version="1.0.0",
                       source_location="/pets/first/",
                       model_type="MindSpore",
                       model_algorithm="image_classification",
                       description="with ModelArts SDK")
second = Model(session, model_name="pets", model_version="1.0.1", source_location_type="LOCAL_SOURCE",
               source_location="pets-second/model", runtime="python3.7")
listed = Model.get_model_list(session, model_status="published", model_name="pet", order="asc")
objects = Model.get_model_object_list(session)
info = model_instance.get_model_info()

configs = [ServiceConfig(model_id=model_instance.model_id, weight="70", specification="modelarts.vm.cpu.1u",
                         instance_count=1, envs={{"A": "b"}}),
           ServiceConfig(model_id=second.get_model_id(), weight="30", specification="modelarts.vm.cpu.1u",
                         instance_count=1)]
predictor_instance = model_instance.deploy_predictor(service_name="cats", infer_type="real-time", vpc_id="vpc",
                                                     configs=configs)
address = predictor_instance.get_service_info()["access_address"]
predictor = Predictor(session, service_id=predictor_instance.service_id)
answers = [predictor.predict(data="cat.jpg", data_type="images"),
           predictor.predict(data=["cat.jpg"], data_type="files"),
           predictor.predict(data={{"image": "cat.jpg", "show_mask": 1}}, data_type="images"),
           predictor.predict(data={{"data": {{"x": 1}}}}, data_type="json"),
           predictor.predict(data="ask.json", data_type="json", path="/"),
           predictor.predict(data='{{"text": "x"}}', data_type="json")]
for answer in answers:
    answer.pop("version")
try:
    predictor.predict(data={{"show_mask": "boom"}}, data_type="images")
except Exception as error:
    refused = error.answer["erno"]
monitor = predictor.get_service_monitor()["monitors"]
changed = predictor.update_service_config(description="now one", configs=[ServiceConfig(second.model_id)])
predictor.wait()
for _ in range(500):
    version = predictor.predict(data={{"text": "x"}}, data_type="json")["version"]
    if version == "second":
        break
    time.sleep(0.1)
logs = predictor.get_service_logs()["logs"]
services = Predictor.get_service_list(session, service_name="cat", order="asc", offset="0", infer_type="real-time")
predictor_list = Predictor.get_service_object_list(session, service_name="cats")
predictor_list[0].update_service_config(description="d", status="stopped", configs=configs)
while predictor.get_service_info()["status"] != "stopped":
    time.sleep(0.1)
predictor_list[0].delete_service()

session.obs.upload_dir("photos", "obs://pets/")
transformer = second.deploy_transformer(service_name="night", infer_type="batch", configs=[
    TransformerConfig(model_id=second.model_id, specification="modelarts.vm.cpu.1u", instance_count=1,
                      src_path="/pets/photos/", dest_path="/pets/found/", req_uri="/", mapping_type="file")])
while transformer.get_service_info()["status"] != "finished":
    time.sleep(0.1)
session.obs.download_file("obs://pets/found/infer-result/cat.jpg_result.txt", "got/")
transformer.delete_service()
for one in objects:
    one.delete_model()
left = Model.get_model_list(session)["total_count"]
print("RESULT", json.dumps(dict(
    models=[one["model_version"] for one in listed["models"]], algorithm=info.model_algorithm, address=address,
    answers=answers, refused=refused, changed=changed, version=version, logs=[one["result"] for one in logs],
    monitored=[one["invocation_times"] is not None for one in monitor], services=services["total_count"], left=left,
    batch=open("got/cat.jpg_result.txt").read())))
"""
IMAGE = {"image": {"cat.jpg": "a cat"}}


@pytest.fixture
def script(live, client, credentials, package, tmp_path):
    """Runs a script outside of any job, beside two packages and a picture; gives what it has printed."""
    client.buckets.make("pets")
    for version in ("first", "second"):
        package(version=version)
    folder = tmp_path / "packages"
    (folder / "cat.jpg").write_text("a cat")
    (folder / "ask.json").write_text('{"text": "from a file"}')
    (folder / "photos").mkdir()
    (folder / "photos" / "cat.jpg").write_text("a cat")
    key = {"access": credentials[0], "secret": credentials[1], "project": client.project_id}

    def call(text, code=0, **variables):
        (folder / "script.py").write_text(text.format(**key))
        around = {name: value for name, value in os.environ.items() if not name.startswith("MAQUETTE_")}
        done = subprocess.run(
            [sys.executable, "-m", "maquette_sdk.modelarts", "script.py"], cwd=folder, capture_output=True, text=True,
            timeout=600, env={**around, "MAQUETTE_URL": live.url, "XDG_CONFIG_HOME": str(tmp_path), **variables},
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return call


def test_a_model_is_imported_deployed_called_changed_and_removed(script, serving, live):
    told = script(LIFE)
    result = json.loads(told.partition("RESULT ")[2])
    assert (result["models"], result["algorithm"]) == (["1.0.0", "1.0.1"], "image_classification")
    assert result["address"].startswith(live.url + "/v1/infers/")
    assert result["answers"] == [
        IMAGE, IMAGE, {**IMAGE, "show_mask": "1"}, {"data": {"x": 1}}, {"text": "from a file"}, {"text": "x"},
    ]  # fmt: skip
    assert (result["refused"], result["changed"], result["version"]) == ("MR.0105", {}, "second")
    assert (result["logs"], result["monitored"]) == (["SUCCESS", "SUCCESS"], [True, True])
    assert (result["services"], result["left"]) == (1, 0)
    assert json.loads(result["batch"]) == {**IMAGE, "version": "second"}
    assert "pets  1.0.1  published" in told and "cats  running" in told
    assert "pets-second/model is uploaded to obs://jobs-" in told


START = """
from modelarts.session import Session
from modelarts.model import Model, Predictor
from modelarts.config.model_config import ServiceConfig
session = Session(access_key="{access}", secret_key="{secret}")
"""


def test_a_model_that_is_not_published_is_put_online_later(script, serving, client):
    told = script(
        START
        + """
model = Model(session, publish=False, model_name="pets", source_location_type="LOCAL_SOURCE",
              source_location="pets-first/model")
try:
    model.deploy_predictor(configs=[ServiceConfig(model_id=model.model_id, specification="local")])
except RuntimeError as error:
    print(error)
model.publish_model(obs_location="obs://pets/mine/")
predictor = model.deploy_predictor()
print(predictor.predict(data="cat.jpg", data_type="images"))
"""
    )
    assert "Use `maquette serve pets-first/model`, which puts a model package of this machine online." in told
    assert "'version': 'first'" in told
    assert client.objects.exists("obs://pets/mine/customize_service.py")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Model(session, source_location_type="HERE")', "source_location_type is OBS_SOURCE or LOCAL_SOURCE."),
        ('Model(session, source_location_type="LOCAL_SOURCE", source_location="none")', "'none' is no folder of this"),
        ('Model(session, model_name="pets", source_location="/none/x/")', "Bucket 'none' does not exist"),
        ("Model(session, environment=3)", "environment, of modelarts.model.Model, is not offered here"),
        ("Model(session, model_nam='pets')", "model_nam"),
        ("Model(session, publish=False).get_model_info()", "This model is not published yet. Call publish_model()."),
        ("Model(session, model_id='none').get_model_info()", "There is no model 'none'"),
        ("Model.configure_tf_infer_environ(device_type='CPU')", "Use `maquette serve FOLDER`"),
        ("Model(session, model_id='none').deploy_transformer()", "Give configs=[TransformerConfig("),
        ("Model(session, model_id='none').deploy_predictor()", "There is no model 'none'"),
        ("Predictor(session).predict(data={{}}, data_type='json')", "Which service? Give service_id."),
        ("Predictor(session, 'x').predict(data=3, data_type='movies')", "data_type is images, files or json"),
        ("Predictor(session, 'x').predict(data='{{', data_type='json')", "data is no JSON"),
        ("Predictor(session, 'x').predict(data='{{}}', data_type='json')", "APIG.0101"),
        ("Predictor(session, 'x').predict(data='cat.jpg', data_type='images')", "There is no service 'x'"),
        ("Predictor(session, 'x').update_service_config(configs=[ServiceConfig('m', specification='local')])",
         "Use `maquette serve FOLDER`"),
        ("from modelarts.dataset import Dataset; Dataset.list_datasets(session)", "Model and Predictor, which put"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_sentence(script, text, told):
    assert told in script(START + text, code=1).splitlines()[-1]


SLOW = "pass\n        type(self)._inference = lambda self, data: [print('called', flush=True), time.sleep(30)]"


def test_patience_is_what_the_variable_says_and_what_was_late_is_not_sent_again(script, serving, package, client):
    folder = package("slow", init=SLOW)
    (folder / "customize_service.py").write_text("import time\n" + (folder / "customize_service.py").read_text())
    client.models.import_model(str(folder), name="slow").wait(300)
    service = client.services.deploy("slow").wait(300)
    text = f"""
predictor = Predictor(session, "{service.id}")
predictor.get_service_info()
predictor.predict(data={{{{"text": "x"}}}}, data_type="json")
"""
    told = script(START + text, code=1, COMMON_REQUEST_TIME_OUT="8")
    assert "did not answer within 8 s." in told
    assert service.log().count("called") == 1


def test_a_pass_of_a_run_that_is_none_is_told_so(script):
    text = "from modelarts.session import Session\nfrom modelarts.model import Model\nModel.get_model_list(Session())"
    told = script(text, code=1, MAQUETTE_TOKEN="run.a.b.c", MAQUETTE_PROJECT_ID="a")
    assert "The token in MAQUETTE_TOKEN is of no use any more." in told
