"""Algorithms as the second generation's calls make, list, show, change and remove them."""

import pytest


def test_an_algorithm_is_answered_with_its_files_and_in_ones_language(project, algorithm_body):
    project.put("bkt", **{"code/net/model.py": "", "code/net/deep/x.py": ""})
    parameter = {"name": "lr", "value": 0.1, "i18n_description": {"zh": "学习率", "en": "Learning rate"}}
    made = project.good("POST", "algorithms", algorithm_body(parameters=[parameter]))
    path = f"algorithms/{made['metadata']['id']}"
    assert made["job_config"]["code_tree"] == {
        "name": "code/",
        "children": [
            {"name": "net/", "children": [{"name": "deep/", "children": [{"name": "x.py"}]}, {"name": "model.py"}]},
            {"name": "other.py"},
            {"name": "train.py"},
        ],
    }
    assert made["metadata"]["size"] == len("print('hello')\n")
    assert made["job_config"]["parameters"][0]["value"] == "0.1"
    told = {}
    for language in ("zh-cn", "en-us", "en", "xx"):
        project.client.headers["x-language"] = language
        told[language] = project.good("GET", path)["job_config"]["parameters"][0]["i18n_description"]["description"]
    assert told == {"zh-cn": "学习率", "en-us": "Learning rate", "en": "Learning rate", "xx": "Learning rate"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (None, None),
        ({"language": "zh-cn", "description": "a"}, {"zh-cn": "a"}),
        (
            [{"language": "zh", "description": "a"}, {"language": "en-us", "description": "b"}],
            {"zh-cn": "a", "en-us": "b"},
        ),
    ],
)
def test_descriptions_come_in_three_spellings(project, algorithm_body, sent, kept):
    body = algorithm_body(parameters=[{"name": "lr", "i18n_description": sent}])
    found = project.good("POST", "algorithms", body)["job_config"]["parameters"][0]["i18n_description"]
    assert (found and {key: found[key] for key in kept}) == kept


def test_algorithms_are_searched_sorted_and_paged(project, algorithm_body):
    for name in ("a-net", "b_net", "other"):
        project.good("POST", "algorithms", algorithm_body(name))

    def names(**query):
        found = project.good("GET", "algorithms", **query)
        return [one["metadata"]["name"] for one in found["items"]], found["total"]

    assert names() == (["other", "b_net", "a-net"], 3)
    assert names(sort_by="name", order="asc", limit=2, offset=1) == (["b_net", "other"], 3)
    assert names(searches="name:net") == (["b_net", "a-net"], 2)
    assert names(searches="oth") == (["other"], 1)
    assert names(searches="description:nothing") == ([], 0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort_by": "colour"}, "sort_by"), ({"limit": 51}, "limit"), ({"offset": -1}, "offset"),
        ({"order": "up"}, "order"), ({"searches": "colour:red"}, "searches"), ({"workspace_id": "x"}, "workspace_id"),
    ],
)  # fmt: skip
def test_a_list_that_nobody_can_give_is_told_by_its_field(project, query, field):
    assert project.refused("GET", "algorithms", **query)[:2] == (400, field)


@pytest.mark.parametrize(
    ("config", "field", "told"),
    [
        ({"boot_file": "/bkt/code/missing.py"}, "boot_file", "Choose one of other.py, train.py"),
        ({"boot_file": "/bkt/train.py"}, "boot_file", "lies outside the code folder"),
        ({"code_dir": ""}, "code_dir", "needs code_dir"),
        ({"engine": {"engine_id": "nosuch"}}, "engine", "No engine is called"),
        ({"parameters": [{"name": "x", "constraint": {"type": "Colour"}}]}, "x", "String, Integer, Float, Boolean"),
        ({"parameters": [{"name": "x", "constraint": {"valid_type": "List"}}]}, "x", "None, Range, Choice"),
        ({"parameters": [{"name": "x", "value": "y", "constraint": {"type": "Float"}}]}, "x", "a number, not 'y'"),
        ({"inputs": [{"name": "a b"}]}, None, "no name of an input"),
    ],
)
def test_an_algorithm_that_no_job_could_run_is_refused(project, algorithm_body, config, field, told):
    found = project.refused("POST", "algorithms", algorithm_body(**config))
    assert found[:2] == (400, field), found
    assert told in found[2]


def test_a_change_is_of_all_and_a_removed_one_is_gone(project, algorithm_body):
    id = project.good("POST", "algorithms", algorithm_body())["metadata"]["id"]
    changed = project.good("PUT", f"algorithms/{id}", algorithm_body("iris2", boot_file="other.py"))
    assert (changed["metadata"]["name"], changed["job_config"]["boot_file"]) == ("iris2", "other.py")
    project.good("POST", "algorithms", algorithm_body("third"))
    assert project.refused("PUT", f"algorithms/{id}", algorithm_body("third"))[0] == 409
    project.good("DELETE", f"algorithms/{id}")
    for method, body in (("GET", None), ("PUT", algorithm_body()), ("DELETE", None)):
        assert project.refused(method, f"algorithms/{id}", body)[0] == 404


def test_an_algorithm_whose_code_has_gone_says_so(project, algorithm_body):
    id = project.good("POST", "algorithms", algorithm_body())["metadata"]["id"]
    for key in ("code/train.py", "code/other.py"):
        project.ctx.store.delete("bkt", key)
    found = project.good("GET", f"algorithms/{id}")
    assert (found["metadata"]["is_valid"], found["job_config"]["code_tree"]["children"]) == (False, [])
