"""What the nodes of a job are told about each other."""

import json

import pytest

from maquette.training.nodes import Nodes, beside, node_arguments, node_variables, rank_table

FIRST, SECOND = Nodes(2, 0, "job"), Nodes(2, 1, "job")


def test_one_node_is_told_what_it_always_was_and_nothing_is_added():
    alone = node_variables(Nodes(), "7", "train", "PyTorch")
    assert (alone["MA_NUM_HOSTS"], alone["VC_WORKER_HOSTS"], alone["DLS_TASK_INDEX"]) == ("1", "127.0.0.1", "0")
    assert node_arguments(Nodes(), "PyTorch", False) == []
    assert beside(Nodes(), "TensorFlow", True, ["train.py"], False) == []


def test_all_nodes_agree_on_addresses_that_no_other_job_has():
    assert FIRST.addresses == SECOND.addresses
    assert len(set(FIRST.addresses)) == 2
    assert not set(FIRST.addresses) & set(Nodes(2, 0, "another").addresses)
    assert SECOND.address == FIRST.addresses[1]


def test_pytorch_is_given_the_first_node_its_rank_and_their_number():
    master = f"tcp://{FIRST.addresses[0]}:6666"
    assert node_arguments(SECOND, "PyTorch", False) == [("init_method", master), ("rank", "1"), ("world_size", "2")]


def test_the_variables_of_both_generations_name_every_node():
    variables = node_variables(SECOND, "7", "train", "PyTorch")
    first, second = FIRST.addresses
    assert variables["VC_WORKER_HOSTS"] == f"{first},{second}"
    assert (variables["BATCH_CUSTOM0_HOSTS"], variables["BATCH_CUSTOM1_HOSTS"]) == (f"{first}:6666", f"{second}:6666")
    assert (variables["DLS_TASK_NUMBER"], variables["DLS_TASK_INDEX"], variables["MA_CURRENT_IP"]) == ("2", "1", second)


def test_tensorflow_of_the_first_generation_has_a_server_and_a_worker_on_every_node():
    arguments = dict(node_arguments(SECOND, "TensorFlow", True))
    assert (arguments["job_name"], arguments["task_index"]) == ("worker", "1")
    servers = arguments["ps_hosts"].split(",") + arguments["worker_hosts"].split(",")
    ports = {server.rpartition(":")[2] for server in servers}
    assert len(ports) == 4  # its servers listen at all addresses
    one = beside(SECOND, "TensorFlow", True, ["train.py", "--job_name=worker", "--task_index=1"], False)
    assert one == [{"command": ["train.py", "--task_index=1", "--job_name=ps"], "environment": {}}]


def test_tensorflows_cluster_is_the_same_but_for_the_index():
    first, second = (
        json.loads(node_variables(nodes, "7", "train", "TensorFlow")["TF_CONFIG"]) for nodes in (FIRST, SECOND)
    )
    assert first["cluster"] == second["cluster"]
    assert (first["task"]["index"], second["task"]["index"]) == (0, 1)


@pytest.mark.parametrize(("nodes", "calls_init", "processes"), [(FIRST, True, 1), (FIRST, False, 0), (SECOND, True, 0)])
def test_mindspores_scheduler_goes_beside_the_first_node_of_code_that_joins_a_cluster(nodes, calls_init, processes):
    found = beside(nodes, "MindSpore", False, ["train.py"], calls_init)
    assert len(found) == processes
    assert all(one["environment"] == {"MS_ROLE": "MS_SCHED"} for one in found)


def test_the_rank_table_counts_the_nodes():
    servers = rank_table(FIRST)["server_list"]
    assert [server["device"][0]["rank_id"] for server in servers] == ["0", "1"]
