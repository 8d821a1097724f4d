"""What a run tells while it is prepared."""

import pytest

from maquette.runs import actions as runs
from maquette.runs.kinds import Preparing
from maquette.training import jobs, work


@pytest.mark.parametrize(
    ("flavour", "beginning"),
    [
        ("", None),
        ("modelarts.vm.cpu.1u", None),
        ("modelarts.kat1.xlarge", "flavour modelarts.kat1.xlarge: on this machine "),
        ("modelarts.vm.cpu.999u", "flavour modelarts.vm.cpu.999u: on this machine "),
    ],
)
def test_a_name_that_the_machine_does_not_offer_itself_is_told_with_what_it_means(
    project, job_body, flavour, beginning
):
    made = project.good("POST", "training-jobs", job_body(spec={"resource": {"flavor_id": flavour, "node_count": 1}}))
    version = jobs.latest_version(
        project.ctx, jobs.find_job(project.ctx, project.who.workspace_id, made["metadata"]["id"])
    )
    told = []
    preparing = Preparing(
        runs.folder_of(project.ctx, version.run.id, 1), told.append, lambda: False, lambda moment: None
    )
    work.tell_flavour(project.ctx, version.run, version.specification, preparing)
    assert [str(line).startswith(beginning) for line in told] == ([True] if beginning else [])
    needs = version.run.order.needs
    assert all(f"{needs.cores} cores" in str(line) and f"{needs.gpus} GPUs" in str(line) for line in told)
