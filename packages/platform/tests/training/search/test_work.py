"""Searches from end to end: trials that follow one another, what they leave, and every way in which they end."""

import copy
import itertools
import threading

import pytest

from maquette.kernel.errors import BadInput
from maquette.runs import actions as runs
from maquette.runs.domain import State
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.training import jobs
from maquette.training.search import actions, trials
from maquette.training.search.domain import TrialState
from maquette.training.search.work import sweep
from maquette.training.specification import Place
from maquette.worker import KINDS


def keys_below(here, prefix):
    return {info.key for info in here.store.list("lab", prefix).objects}


def states(here):
    return [trial.state for trial in here.trials]


def test_all_trials_run_and_the_best_is_named(bench):
    here = bench()
    here.submit()
    standing = here.until_ended()
    tried = here.trials
    assert standing.state is State.SUCCEEDED
    assert [trial.number for trial in tried] == list(range(8))
    assert states(here) == [TrialState.SUCCEEDED] * 8
    best = max(tried, key=lambda trial: trial.figures["acc"].last)
    assert standing.best == best.id
    assert standing.message == f"The best of 8 trials is {best.id} with acc {best.figures['acc'].last:g}."
    told = [event.message for event in runs.events(here.ctx, [trial.run.id for trial in tried])]
    assert told.count(standing.message) == 1
    assert len({tuple(trial.point.values()) for trial in tried}) == 8
    assert all(0.001 <= float(trial.point["lr"]) <= 0.1 for trial in tried)
    assert all(trial.figures["acc"].count == 3 and trial.figures["loss"].last == 0.333 for trial in tried)


def test_a_trial_is_told_its_hyperparameters_in_the_jobs_places(bench, script):
    lines = []

    def listen(running):
        lines.append((script.command(running), dict(running.process.environment)))
        return script.learn(running)

    here = bench(listen)
    here.submit(script.settings(num_samples=2))
    here.until_ended()
    for trial in here.trials:
        line = next(line for line, variables in lines if variables["TRIAL_ID"] == trial.id)
        told = [each for each in line if each.startswith("--")]
        assert told[-3:] == ["--epochs=3", f"--lr={trial.point['lr']}", f"--batch_size={trial.point['batch_size']}"]


def test_each_trial_has_its_own_folder_in_the_outputs_and_in_the_logs(bench, script):
    def save(running):
        (running.process.syncs[0].source / "model.txt").write_text(script.argument(running, "lr"))
        return script.learn(running)

    here = bench(save)
    here.submit(script.settings(num_samples=3))
    here.until_ended()
    for trial in here.trials:
        _, file = here.store.open("lab", f"out/{trial.id}/model.txt")
        with file:
            assert file.read().decode() == trial.point["lr"]
    assert {key.split("/")[1] for key in keys_below(here, "log/")} == {trial.id for trial in here.trials}


def test_the_versions_figures_are_those_of_the_best(bench, script):
    def measure(running):
        lr = script.argument(running, "lr")
        text = f'{{"total_metric": {{"total_metric_values": {{"accuracy": {1 - float(lr)}}}}}}}'
        (running.process.syncs[0].source / "metric.json").write_text(text)
        return script.learn(running)

    here = bench(measure)
    here.submit(script.settings(num_samples=4))
    standing = here.until_ended()
    best = next(trial for trial in here.trials if trial.id == standing.best)
    assert here.version.metrics == {"accuracy": pytest.approx(1 - float(best.point["lr"]))}


def test_shares_and_pictures_of_the_hyperparameters_are_kept(bench):
    here = bench()
    here.submit()
    standing = here.until_ended()
    assert set(standing.importances) == {"lr", "batch_size"}
    assert standing.charts == {
        "lr": "/lab/out/hyperparameter-analysis/lr.svg",
        "batch_size": "/lab/out/hyperparameter-analysis/batch_size.svg",
    }
    _, file = here.store.open("lab", "out/hyperparameter-analysis/lr.svg")
    with file:
        picture = file.read().decode()
    assert picture.count("<circle") == 8
    assert picture.startswith("<svg ")


def test_no_more_trials_run_beside_each_other_than_may(bench, script):
    most, running_now, lock = 0, set(), threading.Lock()
    numbers, first_two = itertools.count(), threading.Barrier(2)

    def count(running):
        nonlocal most
        with lock:
            running_now.add(running.process.id)
            most = max(most, len(running_now))
        if next(numbers) < 2:
            first_two.wait(180)
        with lock:
            running_now.discard(running.process.id)
        return script.learn(running)

    here = bench(count)
    here.submit(script.settings(num_samples=7, max_concurrent=2))
    assert len(here.trials) == 2
    here.until_ended()
    assert len(here.trials) == 7
    assert most == 2


def test_a_trials_point_is_chosen_when_its_turn_has_come(bench, script):
    go = threading.Event()
    here = bench(lambda running: go.wait(300) and script.learn(running), cores=1)
    here.submit(script.settings(num_samples=3, max_concurrent=3))
    here.until(lambda: TrialState.RUNNING in states(here))
    assert sorted(trial.point is None for trial in here.trials) == [False, True, True]
    go.set()
    here.until_ended()
    assert not any(trial.point is None for trial in here.trials)


# ── trials that go wrong ─────────────────────────────────────────────────────────────────────────


def test_a_trial_that_fails_does_not_fail_the_search(bench, script):
    def crash(running):
        return 3 if script.argument(running, "batch_size") == "64" else script.learn(running)

    here = bench(crash)
    here.submit()
    standing = here.until_ended()
    assert standing.state is State.SUCCEEDED
    assert {trial.state for trial in here.trials if trial.point["batch_size"] == "64"} <= {TrialState.FAILED}
    assert len(here.trials) == 8


def test_a_search_whose_trials_all_fail_is_given_up_and_says_why(bench, script):
    here = bench(lambda running: 3)
    here.submit(script.settings(num_samples=30, max_concurrent=2))
    standing = here.until_ended()
    assert standing.state is State.FAILED
    assert 5 <= len(here.trials) <= 7
    assert "None of" in standing.message
    assert standing.importances == {} and standing.charts == {}


def test_a_script_that_prints_no_reward_is_told_so(bench, script):
    here = bench(lambda running: running.say("accuracy 0.9\n") or 0)
    here.submit(script.settings(num_samples=6))
    standing = here.until_ended()
    assert standing.state is State.FAILED
    assert r"Nothing in its log matches 'acc: ([-0-9.a-z]+)', so it has no acc." in standing.message


def test_a_reward_that_is_no_number_at_the_end_counts_for_nothing(bench, script):
    def explode(running):
        running.say("acc: 0.9\n")
        running.say("acc: nan\n" if script.argument(running, "batch_size") != "16" else "acc: 0.1\n")
        return 0

    here = bench(explode)
    here.submit()
    standing = here.until_ended()
    winner = next(trial for trial in here.trials if trial.id == standing.best)
    assert winner.point["batch_size"] == "16"
    assert {trial.message for trial in here.trials if trial.point["batch_size"] != "16"} == {"Its last acc is nan."}


def test_an_expression_that_turns_out_too_slow_fails_the_trial_and_not_the_worker(bench, script):
    document = copy.deepcopy(script.settings(num_samples=1))
    document["reward_attrs"][0]["regex"] = "((q|qq)+)w"
    here = bench(lambda running: running.say("q" * 300 + "\n") or 0)
    here.submit(document)
    standing = here.until_ended()
    assert standing.state is State.FAILED
    assert "takes more than" in standing.message


def test_a_bucket_that_is_not_there_fails_the_trials_by_name(bench, script):
    here = bench()
    here.submit(script.settings(num_samples=2), outputs=(Place(name="train_url", address="obs://nowhere/out/"),))
    standing = here.until_ended()
    assert standing.state is State.FAILED
    assert "nowhere" in standing.message


# ── stopping ─────────────────────────────────────────────────────────────────────────────────────


def wait_for_stop(running):
    running.say("acc: 0.5\n")
    assert running.stop.wait(300)
    return 143


def test_a_job_that_is_stopped_starts_no_more_trials(bench, script):
    here = bench(wait_for_stop)
    here.submit(script.settings(num_samples=8, max_concurrent=2))
    here.until(lambda: TrialState.RUNNING in states(here))
    jobs.stop_version(here.ctx, here.version)
    standing = here.until_ended()
    assert standing.state is State.STOPPED
    assert standing.message == "The search was stopped after 2 of 8 trials."
    assert len(here.trials) == 2


def test_a_trial_that_the_stop_did_not_see_stops_by_itself(bench, script):
    here = bench(wait_for_stop, cores=1)
    here.submit(script.settings(num_samples=8, max_concurrent=2))
    here.until(lambda: TrialState.RUNNING in states(here))
    seen = next(trial for trial in here.trials if trial.state is TrialState.RUNNING)
    runs.stop(here.ctx, here.who.workspace_id, seen.run.id)
    assert here.until_ended().state is State.STOPPED
    assert states(here) == [TrialState.STOPPED] * 2
    assert len(here.ctx.executor.runs) == 1


def test_a_job_is_stopped_while_its_only_trial_is_being_ended_early(bench, script):
    go = threading.Event()

    def linger(running):
        assert running.stop.wait(300) and go.wait(300)
        return 143

    here = bench(linger)
    here.submit(script.settings(num_samples=8, max_concurrent=1))
    here.until(lambda: TrialState.RUNNING in states(here))
    actions.end_early(here.ctx, here.who.workspace_id, here.job.id, here.trials[0].id)
    jobs.stop_version(here.ctx, here.version)
    go.set()
    assert here.until_ended().state is State.STOPPED
    assert len(here.trials) == 1


def test_a_job_is_stopped_before_its_first_trial(bench):
    here = bench()
    here.submit()
    jobs.stop_version(here.ctx, here.version)
    standing = here.until_ended()
    assert standing.state is State.STOPPED
    assert {trial.point for trial in here.trials} == {None}


def test_a_trial_that_is_ended_early_counts_and_the_search_goes_on(bench, script):
    here = bench(wait_for_stop)
    here.submit(script.settings(num_samples=3, max_concurrent=1))
    here.until(lambda: states(here)[0] is TrialState.RUNNING)
    here.ctx.executor.program = script.learn
    ended = actions.end_early(here.ctx, here.who.workspace_id, here.job.id, here.trials[0].id)
    standing = here.until_ended()
    assert standing.state is State.SUCCEEDED
    assert states(here) == [TrialState.STOPPED, TrialState.SUCCEEDED, TrialState.SUCCEEDED]
    assert here.trials[0].figures["acc"].last == 0.5
    assert ended.id == here.trials[0].id


def test_a_hopeless_trial_is_given_up_by_the_median_rule(bench, script, clock):
    def learn_or_linger(running):
        if running.process.environment["TRIAL_ID"] not in [trial.id for trial in here.trials[3:4]]:
            return script.learn(running)
        running.say("acc: -9\nacc: -9\nacc: -9\n")
        assert running.stop.wait(300)
        return 143

    here = bench(learn_or_linger)
    here.submit(script.settings(num_samples=6, max_concurrent=1, scheduler="MedianStoppingRule"))
    here.until(lambda: len(here.trials) > 3 and here.trials[3].state is TrialState.RUNNING)
    here.until(lambda: (clock.pass_seconds(31), states(here)[3] is TrialState.STOPPED)[1])
    standing = here.until_ended()
    assert standing.state is State.SUCCEEDED
    assert states(here).count(TrialState.STOPPED) == 1
    told = [event.message for event in runs.events(here.ctx, [here.trials[3].run.id])]
    assert any("worse than the median of the other trials" in message for message in told)


# ── deaths ───────────────────────────────────────────────────────────────────────────────────────


def test_a_search_goes_on_with_another_worker_at_any_moment(bench, script):
    """The worker is exchanged after every step that has done something."""
    here = bench()
    here.submit(script.settings(num_samples=6, max_concurrent=2))
    seen = []

    def exchanged_and_ended():
        now = [(trial.state, trial.closed, trial.point is None) for trial in here.trials]
        if now not in seen[-1:]:
            seen.append(now)
            here.another_worker()
        return here.version.state != "running"

    here.until(exchanged_and_ended)
    assert len(seen) >= 6
    assert here.version.search.state is State.SUCCEEDED
    assert len(here.trials) == 6
    assert {trial.figures["acc"].count for trial in here.trials} == {3}


def test_the_last_step_is_taken_again_when_it_was_lost(bench, script, clock, monkeypatch):
    here = bench()
    here.submit(script.settings(num_samples=2))
    with monkeypatch.context() as broken:
        broken.setattr(trials, "finish", lambda *_: 1 / 0)
        here.until(lambda: (clock.pass_seconds(60), all(trial.run.settled for trial in here.trials))[1])
    assert here.version.state is State.RUNNING
    sweep(here.ctx)
    assert here.version.state is State.SUCCEEDED


def test_two_workers_double_no_trial_and_no_point(bench, script):
    """Both live, and both take what they can get."""
    here = bench()
    here.submit(script.settings(num_samples=12, max_concurrent=4))
    stopped = threading.Event()
    others = [Work(here.ctx, KINDS, this_worker(here.ctx)) for _ in range(2)]

    def move_on(work):
        while not stopped.is_set():
            work.step()

    threads = [threading.Thread(target=move_on, args=(work,)) for work in others]
    for thread in threads:
        thread.start()
    try:
        here.wait(lambda: here.version.state != "running")
    finally:
        stopped.set()
        for thread, work in zip(threads, others, strict=True):
            thread.join()
            work.close()
    assert [trial.number for trial in here.trials] == list(range(12))
    assert len({tuple(trial.point.values()) for trial in here.trials}) == 12
    assert {trial.figures["acc"].count for trial in here.trials} == {3}
    assert len(here.ctx.executor.runs) == 12


def test_a_log_is_read_on_where_it_was_left(bench, script, clock):
    ready = threading.Event()

    def speak_slowly(running):
        running.say("acc: 0.1\nacc: 0.")
        assert ready.wait(300)
        running.say("2\nacc: 0.3")
        return 0

    here = bench(speak_slowly, cores=1)
    here.submit(script.settings(num_samples=1))
    here.until(lambda: (clock.pass_seconds(31), bool(here.trials[0].figures))[1])
    assert here.trials[0].figures["acc"].kept == (0.1,)
    here.until(lambda: (clock.pass_seconds(31), here.trials[0].read_bytes == len("acc: 0.1\n"))[1])
    ready.set()
    here.until_ended()
    assert here.trials[0].figures["acc"].kept == (0.1, 0.2, 0.3)


# ── what is refused, and what goes ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"nodes": 2}, "node_count"),
        ({"inputs": (Place(name="lr", address="obs://lab/in/"),)}, "auto_search.search_params[0].name"),
        ({"search": {}}, "auto_search.search_params"),
    ],
)
def test_a_search_that_cannot_be_is_refused_and_nothing_is_kept(bench, given, field):
    here = bench()
    with pytest.raises(BadInput) as refused:
        here.submit(**given)
    assert refused.value.parameters["field"] == field
    assert jobs.list_jobs(here.ctx, here.who.workspace_id, jobs.Query())[1] == 0


def test_a_slow_expression_is_refused_at_submit(bench, script):
    document = copy.deepcopy(script.document)
    document["reward_attrs"][1]["regex"] = "((a|aa)+)c"
    with pytest.raises(BadInput) as refused:
        bench().submit(document)
    assert refused.value.parameters["field"] == "auto_search.reward_attrs[1].regex"


def test_a_search_is_listed_by_its_own_state(bench, script):
    here = bench(lambda running: 3 if script.argument(running, "batch_size") == "64" else script.learn(running))
    here.submit()
    workspace = here.who.workspace_id

    def listed(state):
        return [job.name for job, _ in jobs.list_jobs(here.ctx, workspace, jobs.Query(states=[state]))[0]]

    assert listed(State.RUNNING) == ["search"]
    here.until_ended()
    assert (listed(State.SUCCEEDED), listed(State.FAILED), listed(State.RUNNING)) == (["search"], [], [])


def test_a_removed_job_takes_its_trials_along(bench, script):
    here = bench()
    here.submit(script.settings(num_samples=2))
    here.until_ended()
    here.until(lambda: all(trial.run.settled for trial in here.trials))
    version = here.version.id
    jobs.remove_job(here.ctx, here.job)
    assert trials.standings(here.ctx, [version]) == {}
    assert runs.of_subject(here.ctx, version) == []
