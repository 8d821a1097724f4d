"""The calls about searches, as ModelArts' published client makes and reads them."""

import threading
import time
import warnings

import pytest
from starlette.testclient import TestClient

from maquette.kernel.identity import Role
from maquette.runs import actions as actions_of_runs
from maquette.server import make_app
from maquette.training.dialect_v1 import bodies
from maquette.workspaces import actions, keys, sessions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkcore.http.http_config import HttpConfig
    from huaweicloudsdkmodelarts.v1 import ModelArtsClient, model

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def sdk(live, platform, clock):
    """The published client with a key of the first user."""
    clock.now = time.time()
    user_id, workspace_id = actions.owner_of_all(platform)
    made, secret = keys.make_key(platform, user_id, workspace_id)
    credentials = BasicCredentials(made.access, secret, workspace_id)
    builder = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(live.url)
    return builder.with_http_config(HttpConfig(timeout=(60, 120))).build()


def column(table, name):
    return [row[table.header.index(name)] for row in table.data]


def test_the_search_algorithms_are_listed_with_their_defaults(sdk):
    told = sdk.show_search_algorithms(model.ShowSearchAlgorithmsRequest())
    assert told.search_algo_count == 3
    listed = {
        each.name: {(param.key, param.value, param.type) for param in each.params} for each in told.search_algo_list
    }
    assert listed["bayes_opt_search"] == {
        ("kind", "ucb", "String"), ("kappa", "2.5", "Float"), ("xi", "0.0", "Float"),
        ("num_samples", "20", "Integer"), ("seed", "1", "Integer"),
    }  # fmt: skip
    assert listed["tpe_search"] == {
        ("gamma", "0.25", "Float"), ("n_initial_points", "20", "Integer"), ("num_samples", "20", "Integer"),
        ("seed", "1", "Integer"),
    }  # fmt: skip
    assert listed["anneal_search"] == {
        ("avg_best_idx", "2.0", "Float"), ("shrink_coef", "0.1", "Float"), ("num_samples", "20", "Integer"),
        ("seed", "1", "Integer"),
    }  # fmt: skip


def test_templates_are_listed_and_shown(sdk):
    (listed,) = sdk.show_auto_search_yaml_templates_info(model.ShowAutoSearchYamlTemplatesInfoRequest()).yaml_templates
    assert (listed.algorithm_type_en, listed.algorithm_names) == ("hpo", ["Anneal", "Bayes", "TPE"])
    for name, algorithm in (("Anneal", "anneal_search"), ("Bayes", "bayes_opt_search"), ("TPE", "tpe_search")):
        shown = sdk.show_auto_search_yaml_template_content(
            model.ShowAutoSearchYamlTemplateContentRequest(algorithm_type="hpo", algorithm_name=name)
        )
        assert shown.file_name == f"{name}.yaml"
        assert f"type: {algorithm}" in shown.content
    with pytest.raises(ClientRequestException) as refused:
        sdk.show_auto_search_yaml_template_content(
            model.ShowAutoSearchYamlTemplateContentRequest(algorithm_type="nas", algorithm_name="MBNAS")
        )
    assert refused.value.status_code == 404


def test_trials_and_what_they_show_are_read_by_the_client(sdk, bench):
    here = bench()
    job = here.submit()
    standing = here.until_ended()
    told = sdk.show_auto_search_trials(model.ShowAutoSearchTrialsRequest(training_job_id=job.id, limit=50, offset=0))
    assert (told.total, told.count, told.limit, told.offset, told.group_by) == (8, 8, 50, 0, "")
    table = told.items
    assert table.header == [
        "", "done", "pid", "config", "trial_id", "training_iteration", "time_total_s", "worker_index", "reward_attr",
        "status", "acc", "loss", "best_reward",
    ]  # fmt: skip
    assert column(table, "") == [str(number) for number in range(8)]
    assert set(column(table, "status")) == {"TERMINATED"}
    assert set(column(table, "done")) == {"True"}
    assert set(column(table, "training_iteration")) == {"3"}
    assert column(table, "reward_attr") == column(table, "acc")
    rewards = {id: float(reward) for id, reward in zip(column(table, "trial_id"), column(table, "acc"), strict=True)}
    assert max(rewards, key=rewards.get) == standing.best

    one = sdk.show_auto_search_per_trial(
        model.ShowAutoSearchPerTrialRequest(training_job_id=job.id, trial_id=standing.best)
    )
    assert column(one, "training_iteration") == ["1", "2", "3"]
    assert column(one, "done") == ["False", "False", "True"]
    assert column(one, "loss") == ["1.0", "0.5", "0.333"]
    assert set(column(one, "trial_id")) == {standing.best}

    shares = sdk.show_auto_search_params_analysis(model.ShowAutoSearchParamsAnalysisRequest(training_job_id=job.id))
    assert shares.header == ["parameters", "the mean/std of importance"]
    assert {row[0] for row in shares.data} == {"lr", "batch_size"}
    assert all(0 <= float(share) <= 1 for row in shares.data for share in row[1].split("/"))
    picture = sdk.show_auto_search_param_analysis_result_path(
        model.ShowAutoSearchParamAnalysisResultPathRequest(training_job_id=job.id, parameter_name="lr")
    )
    assert picture.file_path == "/lab/out/hyperparameter-analysis/lr.svg"


def test_every_trials_log_is_read_by_the_client_under_each_name_of_its_task(sdk, bench):
    here = bench()
    job = here.submit()
    here.until_ended()
    tasks = sdk.show_training_job_details(model.ShowTrainingJobDetailsRequest(training_job_id=job.id)).status.tasks
    assert set(tasks) == {f"trial-{trial.id}" for trial in here.trials}
    for trial in here.trials:
        wanted = trial_log(here, trial)
        assert "epoch 3" in wanted
        for task in (f"trial-{trial.id}", trial.id, f"worker-{trial.number}"):
            named = {"training_job_id": job.id, "task_id": task}
            preview = sdk.show_training_job_logs_preview(model.ShowTrainingJobLogsPreviewRequest(**named))
            assert preview.content == wanted
            lines = sdk.show_training_job_logs_from_aom(model.ShowTrainingJobLogsFromAomRequest(**named))
            assert lines.content == wanted
            assert len(sdk.show_training_job_metrics(model.ShowTrainingJobMetricsRequest(**named)).metrics) == 6
    with pytest.raises(ClientRequestException, match="no task 'worker-8'"):
        sdk.show_training_job_logs_preview(
            model.ShowTrainingJobLogsPreviewRequest(training_job_id=job.id, task_id="worker-8")
        )


def trial_log(here, trial):
    return actions_of_runs.folder_of(here.ctx, trial.run.id, trial.run.tries).log.read_text()


def test_a_search_lasts_from_the_start_of_its_first_trial_to_the_end_of_its_last(sdk, bench, script):
    here = bench(lambda running: time.sleep(0.05) or script.learn(running))
    job = here.submit(script.settings(num_samples=3, max_concurrent=1))
    here.until_ended()
    started = min(trial.run.moments["started"] for trial in here.trials)
    ended = max(trial.run.moments["process_ended"] for trial in here.trials)
    longest = max(trial.run.seconds(time.time()) for trial in here.trials)
    told = sdk.show_training_job_details(model.ShowTrainingJobDetailsRequest(training_job_id=job.id)).status
    assert told.duration == int((ended - started) * 1000)
    assert told.duration / 1000 > longest
    assert bodies.duration(here.ctx, here.version) == told.duration


def test_a_trial_is_ended_early_by_the_client(sdk, bench, script):
    ready = threading.Event()

    def linger(running):
        running.say("acc: 0.4\n")
        ready.set()
        return 143 if running.stop.wait(300) else 1

    here = bench(linger)
    job = here.submit(script.settings(num_samples=2, max_concurrent=1))
    here.until(ready.is_set)
    here.until(lambda: here.trials[0].state == "running")
    here.ctx.executor.program = script.learn
    request = model.ShowAutoSearchTrialEarlyStopRequest(training_job_id=job.id, trial_id=here.trials[0].id)
    assert sdk.show_auto_search_trial_early_stop(request).earlystop_trial == here.trials[0].id
    here.until_ended()
    table = sdk.show_auto_search_trials(model.ShowAutoSearchTrialsRequest(training_job_id=job.id)).items
    assert column(table, "status") == ["TERMINATED", "TERMINATED"]
    assert column(table, "reward_attr")[0] == "0.4"
    with pytest.raises(ClientRequestException) as refused:
        sdk.show_auto_search_trial_early_stop(request)
    assert refused.value.status_code == 409


def test_what_is_not_there_is_told(sdk, bench, script):
    here = bench()
    job = here.submit(script.settings(num_samples=1))
    calls = [
        lambda: sdk.show_auto_search_trials(model.ShowAutoSearchTrialsRequest(training_job_id="none")),
        lambda: sdk.show_auto_search_per_trial(
            model.ShowAutoSearchPerTrialRequest(training_job_id=job.id, trial_id="00000000")
        ),
        lambda: sdk.show_auto_search_param_analysis_result_path(
            model.ShowAutoSearchParamAnalysisResultPathRequest(training_job_id=job.id, parameter_name="speed")
        ),
        lambda: sdk.show_auto_search_param_analysis_result_path(
            model.ShowAutoSearchParamAnalysisResultPathRequest(training_job_id=job.id, parameter_name="lr")
        ),
    ]
    for call in calls:
        with pytest.raises(ClientRequestException) as refused:
            call()
        assert refused.value.status_code == 404
    analysis = sdk.show_auto_search_params_analysis(model.ShowAutoSearchParamsAnalysisRequest(training_job_id=job.id))
    assert analysis.data == []


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def client(platform):
    """`client(role)` is a client with a token of somebody with this role."""
    opened = []
    owner = sessions.sign_in_by_link(platform, actions.owner_link(platform), "correct horse")

    def make(role):
        name = f"{role.word}-{len(opened)}"
        _, link = actions.make_user(platform, name, owner.workspace_id, role)
        sessions.sign_in_by_link(platform, link, "correct horse")
        ticket = sessions.sign_in(platform, name, "correct horse", "token").ticket
        opened.append(TestClient(make_app(platform), "http://127.0.0.1", headers={"x-auth-token": ticket}))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_the_configuration_of_a_trial_is_an_object_of_numbers(bench, client):
    here = bench()
    job = here.submit()
    here.until_ended()
    path = f"/v2/{here.who.workspace_id}/training-jobs/{job.id}/autosearch-trials"
    viewer = client(Role.VIEWER)
    page = viewer.get(path, params={"limit": 3, "offset": 6}).json()
    assert (page["total"], page["count"]) == (8, 2)
    config = page["items"]["data"][0][3]
    trial = here.trials[6]
    assert config == {
        "lr": float(trial.point["lr"]), "batch_size": int(trial.point["batch_size"]), "trial_index": 6,
        "param/lr": float(trial.point["lr"]), "param/batch_size": int(trial.point["batch_size"]),
    }  # fmt: skip
    assert viewer.get(path, params={"limit": 0}).status_code == 400
    assert viewer.get(path, params={"offset": -1}).status_code == 400


def test_who_may_only_look_ends_no_trial(bench, client):
    here = bench()
    job = here.submit()
    path = f"/v2/{here.who.workspace_id}/training-jobs/{job.id}/autosearch-trial-earlystop/{here.trials[0].id}"
    assert client(Role.VIEWER).post(path).status_code == 403
    assert client(Role.MEMBER).post(path).json() == {"earlystop_trial": here.trials[0].id}


def test_a_job_that_searches_for_nothing_has_no_trials(bench, client, platform):
    from maquette.training import jobs
    from maquette.training.specification import Specification

    here = bench()
    plain = Specification(code="obs://lab/code/", boot_file="train.py", engine="mine")
    job = jobs.create_job(here.ctx, here.who, "plain", specification=plain)
    answer = client(Role.VIEWER).get(f"/v2/{here.who.workspace_id}/training-jobs/{job.id}/autosearch-trials")
    assert (answer.status_code, answer.json()["error_msg"]) == (
        404,
        "The job 'plain' searches for nothing: it was made without auto_search.",
    )
