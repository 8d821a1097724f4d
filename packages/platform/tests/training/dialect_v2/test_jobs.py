"""Jobs of the second generation: made, refused with a sentence, listed, stopped, removed."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette.training import jobs


def queued(project, body):
    return project.good("POST", "training-jobs", body)


def test_a_job_is_answered_whole_and_waits(project, job_body):
    made = queued(
        project,
        job_body(
            algorithm={
                "parameters": [{"name": "lr", "value": 0.1}, {"name": "flag", "value": True}],
                "environments": {"A": "1"},
            },
            metadata={"annotations": {"fault-tolerance/job-retry-num": "3", "fault-tolerance/hang-retry": "true"}},
            spec={
                "log_export_path": {"obs_url": "obs://bkt/log"},
                "auto_stop": {"time_unit": "HOURS", "duration": 2},
                "schedule_policy": {"priority": 2},
            },
            tags=[{"key": "team", "value": "vision"}],
        ),
    )
    assert made["status"]["phase"] == "Pending"
    assert made["status"]["tasks"] == ["worker-0"]
    assert made["algorithm"]["parameters"][0]["value"] == "0.1"
    assert made["spec"]["log_export_path"] == {"obs_url": "/bkt/log/"}
    version = jobs.latest_version(
        project.ctx, jobs.find_job(project.ctx, project.who.workspace_id, made["metadata"]["id"])
    )
    spec = version.specification
    assert (spec.code, spec.boot_file, spec.log) == ("obs://bkt/code/", "train.py", "obs://bkt/log/")
    assert (spec.restarts, spec.seconds, spec.priority) == (3, 7200, 2)
    assert (spec.hang_seconds, spec.stop_hanging) == (1800, True)
    assert (version.run.order.restarts, version.run.order.priority) == (3, 2)
    assert [parameter.token for parameter in spec.parameters] == ["--lr=0.1", "--flag=True"]
    shown = project.good("GET", f"training-jobs/{made['metadata']['id']}")
    assert {**shown, "status": None} == {**made, "status": None}


def code(**changes):
    return {"algorithm": changes}


def data(**remote):
    return code(inputs=[{"name": "data_url", "remote": remote}])


def results(address):
    return code(outputs=[{"name": "train_url", "remote": {"obs": {"obs_url": address}}}])


NONE = "00000000-0000-0000-0000-000000000000"
REFUSED = [
    # changes of the body, status, field, what is said
    (code(boot_file="/bkt/code/missing.py"), 400, "boot_file", "Choose one of other.py, train.py"),
    (code(boot_file="/bkt/other/train.py"), 400, "boot_file", "lies outside the code folder"),
    (code(boot_file="../train.py"), 400, "boot_file", "must lie inside the code folder"),
    (code(boot_file=""), 400, "boot_file", "must lie inside the code folder"),
    (code(code_dir="/bkt/nothing/", boot_file="train.py"), 400, "code_dir", "There is no code at"),
    (code(code_dir="/nowhere/x/", boot_file="x.py"), 400, "code_dir", "in this workspace. It has bkt"),
    (code(code_dir=""), 400, "algorithm", "Say what to run"),
    (code(engine={"engine_id": "nosuch-1.0"}), 400, "engine", "No engine is called 'nosuch-1.0'"),
    (code(engine={"engine_id": "caffe-1.0.0-python2.7"}), 400, "engine", "cannot run here"),
    (code(engine={"image_url": "org/image:1"}), 403, "engine.image_url", "runs engines, not images"),
    (code(subscription_id="s", item_version_id="1"), 403, "subscription_id", "no gallery"),
    (data(obs={"obs_url": "/bkt/none/"}), 400, "data_url", "There is no data for 'data_url'"),
    (data(obs={"obs_url": "bucket"}), 400, "data_url", "no bucket 'bucket'"),
    (data(dataset={"id": "d", "version_id": "v"}), 403, "data_url", "data set of 'data_url' is not known"),
    (results("/bkt/data/out/"), 400, "train_url", "lies inside the input 'data_url'"),
    (results(""), 400, "train_url", "has no place"),
    (results("/other-bkt/out/"), 400, "train_url", "no bucket 'other-bkt'"),
    (code(environments={"A B": "1"}), 400, "environments", "no name of a variable"),
    (code(local_code_dir="/home/ma-user/elsewhere"), 403, "local_code_dir", "The code is found at"),
    (code(working_dir="/etc"), 400, "working_dir", "no folder that a job may have"),
    (code(policies={"auto_search": {"reward_attrs": []}}), 400, "policies.auto_search.search_params", "search_params"),
    (code(id=NONE), 400, "algorithm.id", "Leave code_dir, boot_file and command out"),
    ({"metadata": {"name": "a b"}}, 400, "metadata.name", "is no name here"),
    ({"metadata": {"description": "x" * 257}}, 400, "description", "at most 256"),
    ({"metadata": {"workspace_id": "another"}}, 400, "workspace_id", "another workspace"),
    ({"metadata": {"annotations": {"fault-tolerance/job-retry-num": "many"}}}, 400, "annotations", "from 0 to 128"),
    ({"spec": {"resource": {"flavor_id": "a b"}}}, 400, "flavor_id", "is no flavour"),
    ({"spec": {"resource": {"flavor_id": "no-such-flavor"}}}, 400, "flavor_id", "modelarts.vm.cpu.1u"),
    ({"spec": {"resource": {"flavor_id": "modelarts.vm.gpu.64"}}}, 403, "gpus", "GPUs"),
    ({"spec": {"resource": {"node_count": 0}}}, 400, "spec.resource.node_count", "has to be at least 1"),
    ({"spec": {"volumes": [{"nfs": {"nfs_server_path": "h:/"}}]}}, 403, "volumes", "mounts no volumes"),
    ({"spec": {"log_export_path": {"host_path": "/var/log"}}}, 403, "host_path", "writes no log onto the machine"),
    ({"spec": {"log_export_path": {"obs_url": "/nowhere/log/"}}}, 400, "log_export_path", "no bucket 'nowhere'"),
    ({"spec": {"schedule_policy": {"priority": 9}}}, 400, "spec.schedule_policy.priority", "has to be at most 3"),
    ({"kind": "hetero_job"}, 403, "kind", "no jobs of the kind 'hetero_job'"),
    ({"tasks": [{"role": "learner"}]}, 403, "tasks", "several different tasks"),
    ({"endpoints": {"ssh": {"key_pair_names": ["k"]}}}, 403, "endpoints.ssh", "opens no SSH"),
    ({"metadata": {"training_experiment_reference": {"id": "none"}}}, 404, None, "no experiment 'none'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "status", "field", "told"), REFUSED)
def test_what_cannot_run_is_refused_by_its_field_with_the_fix_and_not_kept(
    project, job_body, changes, status, field, told
):
    found = project.refused("POST", "training-jobs", job_body(**changes))
    assert found[:2] == (status, field), found
    assert told in found[2]
    assert project.good("POST", "training-job-searches", {})["total"] == 0


@pytest.mark.parametrize("body", [None, {}, [], "x", {"metadata": {"name": 3}}, {"kind": "job", "metadata": None}])
def test_a_body_of_another_shape_is_bad_input(project, body):
    status, _, told = project.refused("POST", "training-jobs", body)
    assert status == 400
    assert told


def test_a_name_is_taken_once(project, job_body):
    queued(project, job_body())
    assert project.refused("POST", "training-jobs", job_body()) == (
        409, "metadata.name", "There is a job 'TestModelArtsJob' already. Choose another name.",
    )  # fmt: skip
    assert project.good("GET", "training-job-names", job_name="TestModelArtsJob") == {"is_duplicate": True}
    assert project.good("GET", "training-job-names", job_name="TestModelArtsJob2") == {"is_duplicate": False}


def test_an_error_has_the_shape_that_clients_of_this_generation_read(project, job_body):
    status, answer = project.call("POST", "training-jobs", job_body(algorithm={"boot_file": "missing.py"}))
    assert (status, answer["error_code"]) == (400, "ModelArts.0103")
    assert answer["error_msg"].startswith("The boot file 'missing.py' is not in obs://bkt/code/. Choose one of")
    assert answer["error_solution"] == "Choose one of other.py, train.py."
    assert "error_solution" not in project.call("GET", "access-keys/none", version="maquette")[1]


def test_an_algorithm_gives_code_and_engine_and_is_asked_what_it_allows(project, algorithm_body, job_body):
    parameter = {
        "name": "lr",
        "value": "0.1",
        "constraint": {"type": "Float", "valid_type": "Range", "valid_range": ["0", "1"]},
    }
    body = algorithm_body(parameters=[parameter], inputs=[{"name": "data_url"}], outputs=[{"name": "train_url"}])
    body["resource_requirements"] = [{"key": "host_distributed_mode", "values": ["singular"], "operator": "in"}]
    id = project.good("POST", "algorithms", body)["metadata"]["id"]

    def of_it(parameters, **changes):
        places = job_body()["algorithm"]
        algorithm = {"id": id, "parameters": parameters, "inputs": places["inputs"], "outputs": places["outputs"]}
        return {**job_body(**changes), "algorithm": algorithm}

    status, field, told = project.refused("POST", "training-jobs", of_it([{"name": "lr", "value": "7"}]))
    assert (status, field) == (400, "lr")
    assert "Give a number from 0 to 1" in told
    status, field, _ = project.refused("POST", "training-jobs", of_it(None, spec={"resource": {"node_count": 2}}))
    assert (status, field) == (400, "node_count")
    made = queued(project, of_it([{"name": "lr", "value": "0.5"}]))["algorithm"]
    assert (made["id"], made["name"], made["boot_file"]) == (id, "iris", "/bkt/code/train.py")
    assert made["parameters"][0]["constraint"]["valid_range"] == ["0", "1"]
    unknown = {**job_body("another"), "algorithm": {"id": NONE}}
    assert project.refused("POST", "training-jobs", unknown)[0] == 404


WILD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.none(), max_size=2),
    st.sampled_from(["\0", "\ud800", "obs://", "/bkt/../x", "../..", "a.999999999999999u", {}, {"a": []}, [[]], [{}]]),
    st.sampled_from([{"search_params": 3}, {"search_params": [{"name": []}]}, {"ssh": 3}, {"obs": "x"}]),
)  # fmt: skip


def places_in(value, path=()):
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places_in(value[key], (*path, key))


def with_other(value, path, other):
    """The same with something else at one place."""
    if not path:
        return other
    whole = value.copy()
    whole[path[0]] = with_other(value[path[0]], path[1:], other)
    return whole


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_the_server_does_not_fail(project, job_body, data):
    body = job_body(
        f"job-{uuid.uuid4()}",
        algorithm={
            "parameters": [
                {"name": "a", "value": "1", "constraint": {"type": "String"}, "i18n_description": {"zh": "x"}}
            ],
            "environments": {"A": "1"},
            "policies": {"auto_search": None},
        },
        endpoints={"ssh": {"key_pair_names": []}},
        tags=[{"key": "k", "value": "v"}],
    )
    path = data.draw(st.sampled_from([path for path in places_in(body) if path]))
    sent = json.dumps(with_other(body, path, data.draw(WILD)))
    answer = project.client.post(
        f"/v2/{project.who.workspace_id}/training-jobs", content=sent, headers={"content-type": "application/json"}
    )
    assert answer.status_code < 500, answer.text


# ── found ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def three(project, job_body):
    """Three jobs, the first of them stopped; their ids by name."""
    found = {}
    for name, tags in (
        ("net-a", []),
        ("net_b", [{"key": "team", "value": "x"}]),
        ("other", [{"key": "team", "value": "y"}]),
    ):
        found[name] = queued(project, job_body(name, tags=tags))["metadata"]["id"]
    project.good("POST", f"training-jobs/{found['net-a']}/actions", {"action_type": "terminate"})
    return found


@pytest.mark.parametrize(
    ("asked", "names", "total"),
    [
        ({}, ["other", "net_b", "net-a"], 3),
        ({"sort_by": "name", "order": "asc"}, ["net-a", "net_b", "other"], 3),
        ({"limit": 2}, ["other", "net_b"], 3),
        ({"limit": 2, "offset": 1}, ["net-a"], 3),
        ({"limit": 2, "offset": 2}, [], 3),
        ({"filters": [{"key": "name", "operator": "like", "value": ["net"]}]}, ["net_b", "net-a"], 2),
        ({"filters": [{"key": "name", "operator": "like", "value": ["_"]}]}, ["net_b"], 1),
        ({"filters": [{"key": "name", "operator": "in", "value": ["net_b", "none"]}]}, ["net_b"], 1),
        ({"filters": [{"key": "name", "operator": "not", "value": ["net_b"]}]}, ["other", "net-a"], 2),
        ({"filters": [{"key": "phase", "operator": "in", "value": ["Pending", "Running"]}]}, ["other", "net_b"], 2),
        ({"filters": [{"key": "phase", "operator": "in", "value": ["Terminated"]}]}, ["net-a"], 1),
        ({"filters": [{"key": "phase", "operator": "not", "value": ["Terminated"]}]}, ["other", "net_b"], 2),
        ({"filters": [{"key": "phase", "operator": "in", "value": ["Creating"]}]}, [], 0),
        ({"filters": [{"key": "phase", "operator": "in", "value": ["Terminating"]}]}, [], 0),
        ({"filters": [{"key": "create_time", "operator": "between", "value": ["0", "1"]}]}, [], 0),
        ({"filters": [{"key": "user_name", "operator": "in", "value": ["admin"]}], "limit": 1}, ["other"], 3),
        ({"filters": [{"key": "user_name", "operator": "in", "value": ["nobody"]}]}, [], 0),
        ({"filters": [{"key": "name", "operator": "like", "value": [""]}]}, ["other", "net_b", "net-a"], 3),
        ({"tags": [{"key": "team", "values": ["x"]}]}, ["net_b"], 1),
        ({"tags": [{"key": "team"}]}, ["other", "net_b"], 2),
        ({"tags": [{"key": "colour"}]}, [], 0),
    ],
)  # fmt: skip
def test_jobs_are_filtered_sorted_and_paged(project, three, asked, names, total):
    found = project.good("POST", "training-job-searches", asked)
    assert ([one["metadata"]["name"] for one in found["items"]], found["total"]) == (names, total)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"sort_by": "colour"}, "'colour' is nothing to sort by"),
        ({"limit": 51}, "has to be at most 50"),
        ({"filters": [{"key": "colour", "operator": "in", "value": ["x"]}]}, "not filtered by 'colour'"),
        ({"filters": [{"key": "phase", "operator": "in", "value": ["Sleeping"]}]}, "is no phase. Use Creating"),
        ({"filters": [{"key": "phase", "operator": "between", "value": ["Running"]}]}, "knows in and not"),
        ({"filters": [{"key": "create_time", "operator": "between", "value": ["now"]}]}, "two moments in milliseconds"),
    ],
)
def test_a_list_that_nobody_can_give_says_what_is_possible(project, asked, told):
    assert told in project.refused("POST", "training-job-searches", asked)[2]


# ── changed, stopped, removed ────────────────────────────────────────────────────────────────────


def test_a_description_is_changed_and_nothing_else(project, three):
    path = f"training-jobs/{three['other']}"
    project.good("PUT", path, {"description": "better"})
    assert project.good("GET", path)["metadata"]["description"] == "better"
    project.good("PUT", path, {"description": ""})
    assert project.good("GET", path)["metadata"]["description"] == ""
    assert "at most 256" in project.refused("PUT", path, {"description": "x" * 257})[2]
    assert (
        "priority is set when it is made"
        in project.refused("PUT", path, {"spec": {"schedule_policy": {"priority": 3}}})[2]
    )
    assert "annotations are set" in project.refused("PUT", path, {"metadata": {"annotation": {"a": "b"}}})[2]
    assert project.refused("PUT", path, {})[1] == "description"


def test_a_job_that_goes_on_is_not_removed(project, three):
    status, _, told = project.refused("DELETE", f"training-jobs/{three['other']}")
    assert (status, "goes on. Stop it first" in told) == (409, True)
    batch = {"jobs": [{"kind": "job", "metadata": {"id": three[name]}} for name in ("net-a", "other")]}
    assert "none is removed" in project.refused("POST", "training-jobs/batch-delete", batch)[2]
    assert project.good("POST", "training-job-searches", {})["total"] == 3
    project.good("POST", f"training-jobs/{three['other']}/actions", {"action_type": "terminate"})
    assert project.good("GET", f"training-jobs/{three['other']}")["status"]["phase"] == "Terminated"
    for name in ("other", "net_b"):
        stopped = project.good("POST", f"training-jobs/{three[name]}/actions", {"action_type": "terminate"})
        assert stopped["status"]["phase"] == "Terminated"
    assert (
        project.refused("POST", f"training-jobs/{three['other']}/actions", {"action_type": "dance"})[1] == "action_type"
    )


def test_what_is_not_there_is_not_found(project):
    for method, path, body in (
        ("GET", f"training-jobs/{NONE}", None),
        ("PUT", f"training-jobs/{NONE}", {"description": ""}),
        ("DELETE", f"training-jobs/{NONE}", None),
        ("POST", f"training-jobs/{NONE}/actions", {"action_type": "terminate"}),
        ("GET", f"training-jobs/{NONE}/events", None),
        ("GET", f"training-jobs/{NONE}/metrics/worker-0", None),
        ("POST", "training-jobs/batch-delete", {"jobs": [{"metadata": {"id": NONE}}]}),
    ):
        assert project.refused(method, path, body)[0] == 404, path


def test_tags_come_and_go_and_find_jobs(project, three):
    path = f"modelarts-training-job/{three['other']}/tags"
    project.good("POST", f"{path}/create", {"tags": [{"key": "team", "value": "z"}, {"key": "best"}]})
    assert project.good("GET", path)["tags"] == [{"key": "team", "value": "z"}, {"key": "best", "value": ""}]
    assert project.good("GET", "modelarts-training-job/tags")["tags"] == [
        {"key": "best", "values": [""]}, {"key": "team", "values": ["x", "z"]},
    ]  # fmt: skip

    def found(**asked):
        return project.good("POST", "modelarts-training-job/resource-instances/count", asked)["total_count"]

    assert found(tags=[{"key": "team", "values": ["z"]}]) == 1
    assert found(tags=[{"key": "team"}]) == 2
    assert found(without_any_tag=True) == 1
    assert found(matches=[{"key": "resource_name", "value": "NET"}]) == 2
    project.good("DELETE", f"{path}/delete", {"tags": [{"key": "team"}, {"key": "none"}]})
    assert project.good("GET", path)["tags"] == [{"key": "best", "value": ""}]
    many = {"tags": [{"key": f"k{number}"} for number in range(20)]}
    assert "at most 20 tags" in project.refused("POST", f"{path}/create", many)[2]
    wrong = {"matches": [{"key": "colour", "value": "x"}]}
    assert "Use resource_name" in project.refused("POST", "modelarts-training-job/resource-instances/filter", wrong)[2]


def test_a_figured_flavour_is_a_cap_too(project, job_body):
    custom = {"main_container_customized_flavor": {"cpu_core_num": 1, "mem_size": 0.5}, "node_count": 1}
    body = job_body()
    body["spec"]["resource"] = custom
    made = queued(project, body)
    assert made["spec"]["resource"]["flavor_id"] == "custom.cpu.1u.0.5g"
    assert made["spec"]["resource"]["main_container_allocated_resources"]["mem_size"] == 0.5


def test_a_viewer_reads_and_changes_nothing(project, three):
    from maquette.kernel.identity import Role
    from maquette.workspaces import actions, sessions

    _, link = actions.make_user(project.ctx, "reader", project.who.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(project.ctx, link, "correct horse")
    ticket = sessions.sign_in(project.ctx, "reader", "correct horse", "token").ticket
    project.client.headers["x-auth-token"] = ticket
    assert project.good("GET", f"training-jobs/{three['other']}")
    assert project.refused("DELETE", f"training-jobs/{three['net-a']}")[0] == 403
