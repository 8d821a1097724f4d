"""`auto_search` as ModelArts' clients send it; every wrong thing is named by its field."""

import copy
import json

import pytest
from huaweicloudsdkmodelarts.v1 import AlgoConfigs, AutoSearch, AutoSearchAlgoConfigParameter, RewardAttrs, SearchParams

from maquette.kernel.errors import BadInput
from maquette.training.search.domain import ALGORITHMS, Choices, Continuous, Reward, Search
from maquette.training.search.reading import check_offer, check_search, read_search

DOCUMENT = {
    "reward_attrs": [{"name": "acc", "mode": "max", "regex": r"acc: ([0-9.]+)"}],
    "search_params": [
        {"name": "lr", "param_type": "continuous", "lower_bound": "0.001", "upper_bound": "0.1"},
        {"name": "batch_size", "param_type": "discrete", "discrete_values": ["16", "32", "64"]},
    ],
    "algo_configs": [
        {"name": "tpe_search", "params": [{"key": "num_samples", "value": "8", "type": "Integer"}]},
    ],
}


def changed(path, value):
    """The document with one field set, or left out when the value is `...`."""
    document = copy.deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_a_search_is_what_its_document_says():
    assert read_search(DOCUMENT) == Search(
        (Continuous("lr", 0.001, 0.1), Choices("batch_size", ("16", "32", "64"))),
        (Reward("acc", True, r"acc: ([0-9.]+)"),),
        "tpe_search",
        {"num_samples": "8"},
    )


def test_what_the_vendors_client_makes_is_read():
    theirs = AutoSearch(
        skip_search_params="",
        reward_attrs=[RewardAttrs("loss", "min", r"loss=(\S+)")],
        search_params=[
            SearchParams("lr", "continuous", "1e-4", "1e-1", "", []),
            SearchParams("momentum", "continuous", "0", "0.9", "10", None),
        ],
        algo_configs=[
            AlgoConfigs("bayes_opt_search", [AutoSearchAlgoConfigParameter("kind", "ei", "String")]),
        ],
    )
    search = read_search(sent(theirs))
    assert search.parameters == (Continuous("lr", 0.0001, 0.1), Continuous("momentum", 0.0, 0.9, 10))
    assert search.goal == Reward("loss", False, r"loss=(\S+)")
    assert search.setting("kind") == "ei"
    assert search.setting("kappa") == "2.5"


def sent(model):
    """What the client's own serialisation puts on the wire."""
    from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization

    return json.loads(json.dumps(sanitize_for_serialization(model)))


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["reward_attrs"], ..., "reward_attrs"),
        (["reward_attrs"], [], "reward_attrs"),
        (["reward_attrs"], "acc", "reward_attrs"),
        (["reward_attrs", 0, "mode"], "best", "reward_attrs[0].mode"),
        (["reward_attrs", 0, "name"], "", "reward_attrs[0].name"),
        (["reward_attrs", 0, "regex"], "acc: (", "reward_attrs[0].regex"),
        (["reward_attrs", 0, "regex"], "acc: [0-9.]+", "reward_attrs[0].regex"),
        (["reward_attrs", 0, "regex"], ..., "reward_attrs[0].regex"),
        (["search_params"], [], "search_params"),
        (["search_params", 0], "lr", "search_params[0]"),
        (["search_params", 0, "name"], "l r", "search_params[0].name"),
        (["search_params", 1, "name"], "lr", "search_params[1].name"),
        (["search_params", 0, "param_type"], "log", "search_params[0].param_type"),
        (["search_params", 0, "lower_bound"], ..., "search_params[0].lower_bound"),
        (["search_params", 0, "lower_bound"], "small", "search_params[0].lower_bound"),
        (["search_params", 0, "lower_bound"], "nan", "search_params[0].lower_bound"),
        (["search_params", 0, "lower_bound"], "0.1", "search_params[0].lower_bound"),
        (["search_params", 0, "upper_bound"], "inf", "search_params[0].upper_bound"),
        (["search_params", 0, "upper_bound"], True, "search_params[0].upper_bound"),
        (["search_params", 0, "discrete_points_num"], "1", "search_params[0].discrete_points_num"),
        (["search_params", 0, "discrete_points_num"], "2.5", "search_params[0].discrete_points_num"),
        (["search_params", 0, "step"], "1", "search_params[0].step"),
        (["search_params", 1, "discrete_values"], [], "search_params[1].discrete_values"),
        (["search_params", 1, "discrete_values"], "16,32", "search_params[1].discrete_values"),
        (["search_params", 1, "discrete_values"], ["16", "16.0"], "search_params[1].discrete_values[1]"),
        (["search_params", 1, "discrete_values"], ["16", None], "search_params[1].discrete_values[1]"),
        (["algo_configs"], [], "algo_configs"),
        (["algo_configs", 0, "name"], "grid_search", "algo_configs[0]"),
        (["algo_configs", 0, "params", 0, "key"], "kappa", "algo_configs[0].params[0].key"),
        (["algo_configs", 0, "params", 0, "value"], "0", "algo_configs[0].params[0].value"),
        (["algo_configs", 0, "params", 0, "value"], "many", "algo_configs[0].params[0].value"),
        (["algo_configs", 0, "params", 0, "value"], "1e99", "algo_configs[0].params[0].value"),
        (["algo_configs", 0, "params"], [{"key": "gamma", "value": "1"}], "algo_configs[0].params[0].value"),
        (["algo_configs", 0, "params"], [{"key": "seed", "value": "1"}] * 2, "algo_configs[0].params[1].key"),
        (["skip_search_params"], "lr=0.1", "skip_search_params"),
        (["skip_search_params"], '[{"speed": 1}]', "skip_search_params"),
        (["skip_search_params"], "[]x", "skip_search_params"),
        (["autosearch"], {}, "autosearch"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(path, value, field):
    with pytest.raises(BadInput) as refused:
        read_search(changed(path, value))
    assert refused.value.parameters["field"] == f"auto_search.{field}"
    assert field.rsplit(".", 1)[-1].split("[")[0] in refused.value.message


@pytest.mark.parametrize("document", [None, [], "tpe_search", 1])
def test_what_is_no_object_is_no_search(document):
    with pytest.raises(BadInput, match="auto_search has to be an object"):
        read_search(document)


def test_a_job_searches_with_one_algorithm_and_an_algorithm_may_offer_several():
    several = changed(["algo_configs"], [{"name": name, "params": []} for name in ALGORITHMS])
    with pytest.raises(BadInput, match="one of them"):
        read_search(several)
    check_offer(several)
    with pytest.raises(BadInput, match="there is no search algorithm 'hyperband'"):
        check_offer(changed(["algo_configs"], [*several["algo_configs"], {"name": "hyperband"}]))


def test_an_expression_that_would_take_for_ever_is_refused_at_once():
    with pytest.raises(BadInput, match="takes more than") as refused:
        check_search(changed(["reward_attrs", 0, "regex"], "((a|aa)+)c"))
    assert refused.value.parameters["field"] == "auto_search.reward_attrs[0].regex"
    assert check_search(DOCUMENT) == read_search(DOCUMENT)


def test_combinations_can_be_left_out():
    document = changed(["skip_search_params"], '[{"batch_size": 32.0}, {"batch_size": "16", "lr": 0.1}]')
    search = read_search(document)
    assert search.skips({"lr": "0.01", "batch_size": "32"})
    assert search.skips({"lr": "0.1", "batch_size": "16"})
    assert not search.skips({"lr": "0.01", "batch_size": "16"})


def test_leaving_everything_out_is_refused():
    document = changed(["skip_search_params"], json.dumps([{"batch_size": size} for size in (16, 32, 64)]))
    document["search_params"] = document["search_params"][1:]
    with pytest.raises(BadInput, match="leaves no combination"):
        read_search(document)


def test_a_hyperparameter_of_whole_numbers_gets_whole_numbers():
    document = changed(["search_params", 0], DOCUMENT["search_params"][0] | {"lower_bound": 1.5, "upper_bound": 4})
    search = read_search({**document, "whole_params": ["lr"]})
    assert search.parameters[0].texts() == ("2", "3", "4")
    with pytest.raises(BadInput, match="no integer"):
        read_search({**DOCUMENT, "whole_params": ["lr"]})
