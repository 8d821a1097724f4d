"""What there is to choose from, as the reference prints it."""


def test_engines_are_those_that_this_machine_can_make(project):
    engines = project.done("GET", "job/ai-engines", job_type="train")["engines"]
    by_version = {one["engine_version"]: one for one in engines}
    assert by_version["TF-1.13.1-python3.6"] == {
        "engine_type": 1, "engine_name": "TensorFlow", "engine_id": 6, "engine_version": "TF-1.13.1-python3.6",
    }  # fmt: skip
    assert by_version["PyTorch-1.4.0-python3.6"]["engine_type"] == 10
    assert by_version["Horovod-0.16.2-TF-1.13.1-python3.6"]["engine_type"] == 12
    assert by_version["Mindspore-1.1.1-python3.7-aarch64"]["engine_name"] == "Ascend-Powered-Engine"
    assert not any("python2.7" in name or "Caffe" in name for name in by_version)
    assert len({one["engine_id"] for one in engines}) == len(engines)


def test_flavours_are_numbered_by_their_cores(project):
    answer = project.done("GET", "job/resource-specs", job_type="train")
    cores = project.ctx.executor.capacity().cores
    assert answer["spec_total_count"] == len(answer["specs"])
    first = answer["specs"][0]
    assert first | {"cpu": ""} == {
        "spec_id": 1, "core": "1", "cpu": "", "gpu_num": 0, "gpu_type": "", "spec_code": "modelarts.vm.cpu.1u",
        "unit_num": 1, "max_num": min(cores, 16), "storage": "", "interface_type": 1, "no_resource": False,
    }  # fmt: skip
    assert answer["specs"][-1]["spec_id"] == cores or answer["specs"][-1]["gpu_num"]


def test_no_algorithm_comes_with_the_platform_yet(project):
    answer = project.done("GET", "built-in-algorithms", per_page=10, page=1, search_content="model")
    assert (answer["models"], answer["model_total_count"]) == ([], 0)
