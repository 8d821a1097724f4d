"""Every call of the published client about training and algorithms: sent, answered, and parsed with every field that
ModelArts documents."""

import inspect
import re
import time
import urllib.error
import urllib.request

import pytest

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.engine("sklearn")]

SCRIPT = """
import argparse, json, os
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
parser = argparse.ArgumentParser()
for name, kind in (("data_url", str), ("train_url", str), ("lr", float), ("seed", int)):
    parser.add_argument("--" + name, type=kind)
args = parser.parse_args()
print("data", sorted(os.listdir(args.data_url)), "mode", os.environ["MODE"], flush=True)
x, y = load_iris(return_X_y=True)
model = LogisticRegression(C=1 / args.lr, max_iter=500, random_state=args.seed).fit(x, y)
accuracy = model.score(x, y)
print("accuracy", accuracy)
values = {"total_metric": {"total_metric_values": {"accuracy": accuracy}}}
json.dump(values, open(os.path.join(args.train_url, "metric.json"), "w"))
report = {"common": {"acc": {"title": "Accuracy", "value": {"Accuracy": accuracy}}}}
json.dump({"en-us": report, "zh-cn": report}, open(os.path.join(args.train_url, "model_analysis_results.json"), "w"))
"""
OTHERS = r"_to_gallery|auto_search|search_algorithms"
"""A shop that Maquette is none of; and the searches, which have tests of their own."""
FREE = {
    # what no answer has, because it is about machines, shops and services that Maquette is not
    "npu", "gpu", "ftjob_config", "endpoints", "jupyter_lab", "tensorboard", "mindstudio_insight", "subscription_id",
    "item_version_id", "autosearch_config_path", "autosearch_framework_path", "install_sys_packages", "image_repo_id",
    "tasks", "pool_name", "pool_group_id", "main_container_customized_flavor", "custom_metrics", "output_model",
    "asset_model", "required_affinity", "retention_time", "task_ips", "xpu_start_at", "recover_records",
    "remote_constraint", "service_type", "host_path", "log_dir", "data_sources", "log_type", "auto_search", "dataset",
    "ssh",
    # files have no children, and an answer without a body has none
    "children", "body",
}  # fmt: skip


def missing(answer, path=""):
    """Documented fields that the answer has not, by their path."""
    if isinstance(answer, list):
        return {gone for one in answer for gone in missing(one, path)}
    if not hasattr(answer, "openapi_types"):
        return set()
    found = set()
    for name in answer.openapi_types:
        value, here = getattr(answer, name), f"{path}.{name}".lstrip(".")
        if value is None and name not in FREE:
            found.add(here)
        found |= missing(value, here)
    return found


@pytest.fixture
def put_code(project):
    project.put("bkt", **{"code/train.py": SCRIPT, "data/x.csv": "1,2"})


def algorithm_of(m, name="iris"):
    def parameter(name, value, language, text, **constraint):
        told = m.I18nDescription(language=language, description=text)
        return m.Parameters(
            name=name, value=value, description=name, constraint=m.ParametersConstraint(**constraint),
            i18n_description=told,
        )  # fmt: skip

    usual = {"editable": True, "sensitive": False}
    in_bucket = m.RemoteConstraint(data_type="obs", attributes=[])
    return m.Algorithm(
        metadata=m.AlgorithmMetadata(name=name, description="flowers", workspace_id="0"),
        job_config=m.AlgorithmJobConfig(
            code_dir="/bkt/code/",
            boot_file="/bkt/code/train.py",
            engine=m.AlgorithmCreateEngine(engine_name="Scikit_Learn", engine_version="sklearn-1.9.1"),
            parameters=[
                parameter(
                    "lr", "0.1", "zh-cn", "学习率", type="Float", required=True, valid_type="Range",
                    valid_range=["0.001", "1"], **usual,
                ),
                parameter(
                    "seed", "1", "en-us", "Seed", type="Integer", required=False, valid_type="None", valid_range=[],
                    **usual,
                ),
            ],
            inputs=[m.AlgorithmCreateInput(name="data_url", description="data", remote_constraints=[in_bucket])],
            outputs=[m.AlgorithmCreateOutput(name="train_url", description="model")],
            parameters_customization=True,
        ),
        resource_requirements=[m.ResourceRequirement(key="flavor_type", values=["CPU", "GPU"], operator="in")],
    )  # fmt: skip


def job_of(m, algorithm_id, name="flowers", experiment=None):
    data = m.InputDataInfo(obs=m.InputDataInfoObs(obs_url="/bkt/data/"))
    return m.Job(
        kind="job",
        metadata=m.JobMetadata(
            name=name, description="flowers", workspace_id="0", annotations={"fault-tolerance/job-retry-num": "1"},
            training_experiment_reference=experiment,
        ),
        algorithm=m.JobAlgorithm(
            id=algorithm_id,
            parameters=[m.Parameters(name="lr", value="0.5"), m.Parameters(name="seed", value="7")],
            inputs=[m.Input(name="data_url", description="data", remote=data)],
            outputs=[m.Output(name="train_url", remote=m.Remote(obs=m.RemoteObs(obs_url="/bkt/out/")))],
            environments={"MODE": "test"},
        ),
        spec=m.Spec(
            resource=m.SpecResource(flavor_id="modelarts.vm.cpu.1u", node_count=1),
            log_export_path=m.LogExportPath(obs_url="/bkt/log/"),
            auto_stop=m.AutoStop(time_unit="HOURS", duration=1),
            schedule_policy=m.SchedulePolicy(priority=2),
        ),
    )  # fmt: skip


def until(seconds, what):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


class Calls:
    """The client, noting which of its calls were made and what their answers lack."""

    def __init__(self, client):
        self.client = client
        self.made = {}

    def __call__(self, name, **fields):
        words = "".join(part.capitalize() for part in name.split("_"))
        answer = getattr(self.client, name)(getattr(self.client.model, f"{words}Request")(**fields))
        self.made[name] = missing(answer)
        return answer


@pytest.fixture
def calls(sdk):
    return Calls(sdk)


def test_every_call_about_training_is_answered_as_documented(sdk, calls, project, put_code, working):
    m = sdk.model
    made = calls("create_training_experiment", body=m.CreateTrainingExperimentRequestBody(
        metadata=m.TrainingExperimentRequestMetadata(name="first", description="x", workspace_id="0")))  # fmt: skip
    experiment = made.metadata.id
    algorithm = calls("create_algorithm", body=algorithm_of(m)).metadata.id
    reference = m.TrainingExperimentRequest(id=experiment)
    assert calls("validate_training_job_name", job_name="flowers", workspace_id="0").is_duplicate is False
    job = calls("create_training_job", body=job_of(m, algorithm, experiment=reference)).metadata.id

    def phase():
        found = calls("show_training_job_details", training_job_id=job)
        return found if found.status.phase not in ("Creating", "Pending", "Running") else None

    ended = until(300, phase)
    task = {"training_job_id": job, "task_id": "worker-0"}
    log = calls("show_training_job_logs_preview", **task)
    assert ended.status.phase == "Completed", log.content
    assert ended.status.running_records[0].end_reason.startswith("The run has succeeded")
    assert "data ['x.csv', 'x.txt'] mode test" in log.content
    assert log.current_size == log.full_size == len(log.content.encode())
    lines = calls("show_training_job_logs_from_aom", **task, lines=2, order="asc")
    rest = calls("show_training_job_logs_from_aom", **task, lines=500, order="asc", base_line=lines.end_line)
    assert lines.lines == 2
    assert lines.content + rest.content == log.content
    usage = {one.metric: one.value for one in calls("show_training_job_metrics", **task).metrics}
    assert set(usage) == {"cpuUsage", "memUsage", "gpuUtil", "gpuMemUsage", "npuUtil", "npuMemUsage"}
    assert usage["memUsage"][0] > 0
    assert usage["gpuUtil"] == [-1] * len(usage["memUsage"])
    events = calls("list_training_job_events", training_job_id=job, offset=0, limit=100, order="asc")
    assert [events.events[0].message, events.events[-1].message] == [
        "The run waits for its turn.",
        "The run has succeeded.",
    ]
    stages = calls("list_training_job_stages", training_job_id=job)
    assert [one.name for one in stages.running_records[0].stages] == ["scheduling", "preparing", "running", "end"]
    assert calls("list_training_job_tasks", training_job_id=job).body[0].task == "worker-0"
    assert calls("show_training_job_route_plan", training_job_id=job).rank_mapping == "0-0"
    calls("notify_training_job_information", **task, report_type="training-event", body=m.ReportEventBody(type="saved"))

    completed = [m.Filter(key="phase", operator="in", value=["Completed"])]
    searched = m.JobSearches(limit=10, offset=0, workspace_id="0", train_type="job", group_by="", filters=completed)
    found = calls("list_training_jobs", body=searched)
    assert [one.metadata.id for one in found.items] == [job]
    calls("change_training_job_description", training_job_id=job, body=m.JobUpdateRequestBody(description="better"))
    calls("stop_training_job", training_job_id=job, body=m.JobActionType(action_type="terminate"))
    tags = [m.TmsTag(key="team", value="vision")]
    calls("create_train_job_tags", training_job_id=job, body=m.CreateTmsTagsRequest(tags=tags))
    assert calls("show_train_job_tags", training_job_id=job).tags[0].value == "vision"
    assert calls("list_training_job_tags", limit=10, offset=0).tags[0].values == ["vision"]
    wanted = [m.MutiValueTag(key="team", values=["vision"])]
    listed = calls("list_training_jobs_by_tags", limit=10, offset=0, body=m.ResourceInstancesFilterReq(tags=wanted))
    assert listed.resources[0].resource_id == job
    counted = m.CountResourceInstancesReq(tags=[m.CountResourceInstancesReqTags(key="team", values=["vision"])])
    assert calls("count_training_jobs_by_tags", limit=10, offset=0, body=counted).total_count == 1
    calls("delete_train_job_tags", training_job_id=job, body=m.DeleteTmsTagsRequest(tags=tags))

    assert calls("show_training_experiment_details", experiment_id=experiment).statistic.job_count == 1
    assert calls("list_training_experiments", workspace_id="0").items[0].metadata.name == "first"
    assert calls("check_training_experiment", workspace_id="0", experiment_name="first").is_duplicate is True
    calls(
        "change_training_experiment",
        experiment_id=experiment,
        body=m.ChangeTrainingExperimentRequestBody(name="second"),
    )
    calls("delete_training_experiment", experiment_id=experiment)

    engines = calls("show_training_job_engines")
    assert "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64" in {one.engine_id for one in engines.items}
    assert {one.flavor_type for one in calls("show_training_job_flavors", flavor_type="CPU").flavors} == {"CPU"}
    calls("show_training_flavor_max_available_resource", flavor_id="modelarts.vm.cpu.1u")
    assert calls("show_training_quotas").quotas[0].used == 1

    calls("show_algorithm_by_uuid", algorithm_id=algorithm)
    calls("change_algorithm", algorithm_id=algorithm, body=algorithm_of(m, "iris2"))
    assert calls("list_algorithms", searches="name:iris2").items[0].metadata.id == algorithm
    calls("delete_algorithm", algorithm_id=algorithm)
    removed = m.BatchDeleteJobItem(kind="job", metadata=m.BatchDeleteJobMetadata(id=job))
    calls("batch_delete_training_job", body=m.BatchDeleteJobsReq(jobs=[removed]))
    again = calls("create_algorithm", body=algorithm_of(m)).metadata.id
    other = sdk.create_training_job(m.CreateTrainingJobRequest(body=job_of(m, again))).metadata.id
    sdk.stop_training_job(
        m.StopTrainingJobRequest(training_job_id=other, body=m.JobActionType(action_type="terminate"))
    )
    until(300, lambda: can_be_removed(calls, other))

    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

    with pytest.raises(ClientRequestException, match="sets no quotas"):
        sdk.modify_training_quotas(m.ModifyTrainingQuotasRequest(body=m.ModifyTrainingQuotaRequest(quotas=[])))
    calls.made["modify_training_quotas"] = set()
    assert {name: gone for name, gone in calls.made.items() if gone} == {}
    assert set(calls.made) == documented_calls(sdk)


def can_be_removed(calls, job):
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

    try:
        calls("delete_training_job", training_job_id=job)
    except ClientRequestException as refused:
        assert refused.status_code == 409
        return False
    return True


def documented_calls(sdk):
    names = [name for name, _ in inspect.getmembers(type(sdk), inspect.isfunction) if not name.startswith("_")]
    about = [name for name in names if re.search("train|algorithm", name) and not name.endswith("_invoker")]
    return {name for name in about if not re.search(OTHERS, name)}


def test_a_link_to_a_log_opens_without_a_key_for_five_minutes(sdk, project, put_code, working, live, platform):
    m = sdk.model
    algorithm = sdk.create_algorithm(m.CreateAlgorithmRequest(body=algorithm_of(m))).metadata.id
    job = sdk.create_training_job(m.CreateTrainingJobRequest(body=job_of(m, algorithm))).metadata.id

    def completed():
        return project.good("GET", f"training-jobs/{job}")["status"]["phase"] == "Completed"

    until(300, completed)
    project.client.base_url = live.url
    answer = project.good("GET", f"training-jobs/{job}/tasks/worker-0/logs/url")
    link = answer["obs_url"].replace("http://127.0.0.1/", f"{live.url}/")
    whole = project.good("GET", f"training-jobs/{job}/tasks/worker-0/logs/preview")["content"]
    with urllib.request.urlopen(link) as response:
        assert response.read().decode() == whole
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
    kept = project.client.get(
        f"/v2/{project.who.workspace_id}/training-jobs/{job}/tasks/worker-0/logs/url",
        headers={"content-type": "application/octet-stream"},
    ).json()["obs_url"]
    with urllib.request.urlopen(kept.replace("http://127.0.0.1/", f"{live.url}/")) as response:
        assert response.headers["content-disposition"].startswith('attachment; filename="modelarts-job-')
    for wrong in (link[:-1] + "0", link.replace("until=1", "until=2"), link.partition("?")[0], link.partition("&")[0]):
        if wrong != link:
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(wrong)
            assert refused.value.code == 403
            refused.value.close()
    assert until(300, lambda: [one for one in listed(project) if one.endswith("worker-0.log")])
    assert project.read("bkt", f"log/modelarts-job-{job}-worker-0.log") == whole


def listed(project):
    return [info.key for info in project.ctx.store.list("bkt", "log/").objects]
