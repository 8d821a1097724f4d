"""Searches in the console: made in the form, looked at trial by trial, and the same from elsewhere."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from maquette_sdk.client.account import VARIABLES

from .conftest import LONG, MOST_SECONDS, PASSWORD
from .test_training import (  # noqa: F401 -- most are fixtures
    ENGINE,
    both,
    choose,
    choose_engine,
    client,
    engines_at_hand,
    open_tab,
    speech,
    submit,
    working,
)

SCRIPT = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
parser.add_argument("--lr", type=float)
parser.add_argument("--size", type=int, default=1)
args, _ = parser.parse_known_args()
for epoch in range(3):
    print(f"epoch {epoch} acc: {epoch / 2 - abs(args.lr - 0.15):.4f} loss: {args.size}", flush=True)
"""
SEARCH = {
    "reward_attrs": [{"name": "acc", "mode": "max", "regex": "acc: ([-0-9.]+)"}],
    "search_params": [
        {"name": "lr", "param_type": "continuous", "lower_bound": "0.1", "upper_bound": "0.2"},
        {"name": "size", "param_type": "discrete", "discrete_values": ["1", "2"]},
    ],
    "algo_configs": [{"name": "anneal_search", "params": [{"key": "num_samples", "value": "4", "type": "Integer"}]}],
}


@pytest.fixture
def script(client, platform):  # noqa: F811
    platform.store.put("pets", "code/learn.py", [SCRIPT.encode()])


def fill(page, say, name, boot="learn.py"):
    page.get_by_role("textbox", name=say("kit.name"), exact=True).fill(name)
    page.get_by_role("textbox", name=say("jobs.code"), exact=True).fill("obs://pets/code/")
    page.get_by_role("textbox", name=say("jobs.bootFile"), exact=True).fill(boot)
    choose_engine(page, say)
    page.get_by_role("textbox", name=f"{say('jobs.inputs')} data_url", exact=True).fill("obs://pets/images/")
    page.get_by_role("textbox", name=f"{say('jobs.outputs')} train_url", exact=True).fill(f"obs://pets/{name}/")


def fill_search(page, say, trials):
    page.get_by_role("switch", name=say("search.title"), exact=True).click()
    goal, sought = f"{say('search.goal')} 1", f"{say('search.parameter')} 1"
    page.get_by_role("textbox", name=f"{goal}: {say('kit.name')}").fill("acc")
    page.get_by_role("textbox", name=f"{goal}: {say('search.expression')}").fill("acc: ([-0-9.]+)")
    page.get_by_role("combobox", name=f"{sought}: {say('kit.name')}").fill("lr")
    page.get_by_role("textbox", name=f"{sought}: {say('search.low')}").fill("0.1")
    page.get_by_role("textbox", name=f"{sought}: {say('search.high')}").fill("0.2")
    page.get_by_role("spinbutton", name=say("search.trials"), exact=True).fill(str(trials))


def best_row(page, say):
    return page.get_by_role("row").filter(has=page.locator(".chip", has_text=say("trials.bestOne")))


@both
def test_a_search_is_checked_as_one_types_and_shows_its_best_trial(working, script, client, visit, language):  # noqa: F811
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/training/new")
    fill(page, say, "tuned")
    page.get_by_role("switch", name=say("search.title"), exact=True).click()
    goal, sought = f"{say('search.goal')} 1", f"{say('search.parameter')} 1"
    regex = page.get_by_role("textbox", name=f"{goal}: {say('search.expression')}")
    for written in ("loss", "acc"):
        page.get_by_role("textbox", name=f"{goal}: {say('kit.name')}").fill(written)
        expect(regex).to_have_value(re.compile(rf"^\\b{written}"))
    for wrong, told in (("acc: [0-9.]+", "group"), ("acc: ([0-9.+", "broken")):
        regex.fill(wrong)
        expect(page.get_by_text(say(f"search.regex.{told}"))).to_be_visible()
    regex.fill("acc: ([-0-9.]+)")
    page.get_by_role("textbox", name=say("search.try")).fill("epoch 3 acc: 0.87")
    expect(page.get_by_text(f"{say('search.found')} 0.87")).to_be_visible()
    page.get_by_role("combobox", name=f"{sought}: {say('kit.name')}").fill("data_url")
    expect(page.get_by_text(say("search.isPlace"))).to_be_visible()
    page.get_by_role("combobox", name=f"{sought}: {say('kit.name')}").fill("lr")
    page.get_by_role("textbox", name=f"{sought}: {say('search.low')}").fill("0.3")
    page.get_by_role("textbox", name=f"{sought}: {say('search.high')}").fill("0.2")
    expect(page.get_by_text(say("search.ends.order"))).to_be_visible()
    page.get_by_role("textbox", name=f"{sought}: {say('search.low')}").fill("0.1")
    page.get_by_role("spinbutton", name=say("search.trials"), exact=True).fill("4")
    page.get_by_role("radio", name=say("search.algorithms.tpe_search")).check()
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    expect(page.locator("pre.snippet").first).to_contain_text("--search search.json")
    page.get_by_role("button", name=say("create.start"), exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("tuned")
    open_tab(page, say, "trials")
    best = best_row(page, say)
    expect(best).to_have_count(1, timeout=LONG)
    expect(page.locator(".job-head .chip")).to_have_text(say("states.succeeded"), timeout=LONG)
    expect(page.get_by_text(say("trials.progress", ended=4, total=4))).to_be_visible()
    expect(page.locator(".split-names li").nth(3)).to_contain_text(say("jobs.tabs.trials"))
    rewards = [float(one) for one in page.locator("td:nth-of-type(3)").all_text_contents()]
    assert best.locator("td:nth-of-type(3)").text_content() == page.locator("td.best").text_content()
    assert float(page.locator("td.best").text_content()) == max(rewards)
    given = best.locator("td:nth-of-type(2)").text_content()
    best.get_by_role("link", name=re.compile(say("trials.logOf", number=".+"))).click()
    expect(page.get_by_role("log")).to_contain_text(f"--lr={given}")


@both
def test_what_only_the_server_can_tell_of_an_expression_stands_at_its_field(script, client, visit, language):  # noqa: F811
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/training/new")
    fill(page, say, "tuned")
    fill_search(page, say, 2)
    regex = page.get_by_role("textbox", name=f"{say('search.goal')} 1: {say('search.expression')}")
    regex.fill("acc: (?P=nobody)([0-9.]+)")
    expect(page.get_by_text(say("search.checked"))).to_be_visible()
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    page.get_by_role("button", name=say("create.start"), exact=True).click()
    told = page.locator(".ant-form-item-explain-error")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("(?P=nobody)")
    expect(regex).to_be_focused()
    expect(page.locator(".make > .problem")).to_have_count(0)
    regex.fill("acc: ([0-9.]+)")
    expect(told).to_have_count(0)
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    page.get_by_role("button", name=say("create.start"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("tuned")


def test_what_an_algorithm_says_of_a_parameter_is_the_space_that_is_searched(client, visit):  # noqa: F811
    made = client.algorithms.create(
        {
            "metadata": {"name": "net"},
            "job_config": {
                "code_dir": "obs://pets/code/", "boot_file": "train.py", "engine": {"engine_id": ENGINE},
                "parameters": [
                    {
                        "name": "epochs", "value": "3",
                        "constraint": {"type": "Integer", "valid_type": "Range", "valid_range": ["2", "9"]},
                        "i18n_description": {"zh-cn": "轮数", "en-us": "Rounds"},
                    },
                    {"name": "kind", "value": "a", "constraint": {"valid_type": "Choice", "valid_range": ["a", "b"]}},
                ],
            },
        }
    )  # fmt: skip
    for language, told in (("en", "Rounds"), ("zh-CN", "轮数")):
        say, visitor = speech(language), visit(language).sign_in()
        page = visitor.page
        visitor.go(f"/console/training/new?algorithm={made['metadata']['id']}")
        expect(page.get_by_text(f"{told} · 2 – 9")).to_be_visible()
        page.get_by_role("switch", name=say("search.title"), exact=True).click()
        sought = f"{say('search.parameter')} 1"
        choose(page, f"{sought}: {say('kit.name')}", "epochs")
        expect(page.get_by_role("textbox", name=f"{sought}: {say('search.low')}")).to_have_value("2")
        expect(page.get_by_role("textbox", name=f"{sought}: {say('search.high')}")).to_have_value("9")
        expect(page.get_by_text(say("search.whole"))).to_be_visible()
        expect(page.get_by_text(say("search.perTrial"))).to_be_visible()
        expect(page.get_by_role("spinbutton", name=say("create.nodes"), exact=True)).to_be_disabled()


def test_a_new_version_of_a_search_has_it_filled_in_and_may_do_without(working, script, client, visit):  # noqa: F811
    say = speech("en")
    job = submit(client, "tuned", "learn.py", search=SEARCH)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}?tab=configuration")
    expect(page.get_by_text("0.1 – 0.2")).to_be_visible()
    visitor.go(f"/console/training/new?from={job.id}")
    expect(page.get_by_role("spinbutton", name="Trials", exact=True)).to_have_value("4")
    page.get_by_role("textbox", name="parameter 1: highest").fill("0.4")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("0.1 – 0.4")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("switch", name="Hyperparameter search").click()
    page.get_by_role("button", name="Add: Parameters").click()
    page.get_by_role("textbox", name="Parameters: Name 1").fill("lr")
    page.get_by_role("textbox", name="Value 1", exact=True).first.fill("0.1")
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".job-head .ant-select")).to_contain_text("V0002")
    specs = [job.refresh().version["specification"]["search"]]
    assert specs == [None]
    expect(page.get_by_role("tab", name="Trials")).to_have_count(0)
    visitor.go(f"/console/training/{job.id}?version=V0001&tab=trials")
    expect(best_row(page, say)).to_have_count(1, timeout=LONG)


def test_a_trial_that_fails_is_told_and_its_log_is_a_click_away(working, client, platform, visit):  # noqa: F811
    platform.store.put("pets", "code/bad.py", [b"raise SystemExit('no such thing')\n"])
    job = submit(client, "tuned", "bad.py", search=SEARCH)
    job.wait(MOST_SECONDS)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}?tab=trials")
    expect(page.locator("tbody .chip", has_text="Failed")).to_have_count(4)
    expect(page.get_by_text("Too few trials have a figure to tell.")).to_be_visible()
    page.get_by_role("link", name="Log of trial 2").click()
    expect(page.get_by_role("log")).to_contain_text("no such thing")


# ── the same from elsewhere ──────────────────────────────────────────────────────────────────────


def shell(line, live, client, tmp_path, token=""):  # noqa: F811
    account = client.account
    values = dict(zip(VARIABLES, (live.url, account.access, account.secret), strict=True))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | values | {"PATH": path, "TOKEN": token, "NO_PROXY": "*"}
    done = subprocess.run(
        ["bash", "-euc", line], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def token_of(live):
    user = {"name": "admin", "password": PASSWORD, "domain": {"name": "maquette"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": "default"}}}}
    asked = urllib.request.Request(f"{live.url}/v3/auth/tokens", json.dumps(body).encode(), method="POST")
    asked.add_header("content-type", "application/json")
    with urllib.request.urlopen(asked) as answer:
        return answer.headers["x-subject-token"]


@pytest.mark.parametrize("searched", [False, True])
def test_the_command_line_and_the_call_make_the_job_that_the_form_says(
    working, script, client, visit, live, tmp_path, searched  # noqa: F811
):  # fmt: skip
    say, visitor = speech("en"), visit().sign_in()
    page = visitor.page
    visitor.go("/console/training/new")
    fill(page, say, "by-form")
    page.get_by_role("textbox", name="Description").fill('it\'s "mine" & $HOME')
    page.get_by_role("button", name="Add: Parameters").click()
    page.get_by_role("textbox", name="Parameters: Name 1").fill("lr")
    page.get_by_role("textbox", name="Value 1", exact=True).first.fill("0.5")
    if searched:
        fill_search(page, say, 2)
    page.get_by_role("button", name="Next", exact=True).click()
    told = {}
    for tab in ("Command line", "REST", "Python"):
        page.get_by_role("tab", name=tab, exact=True).click()
        told[tab] = page.locator("pre.snippet").text_content()
    shell(told["Command line"].replace("by-form", "by-cli"), live, client, tmp_path)
    shell(told["REST"].replace("by-form", "by-rest"), live, client, tmp_path, token_of(live))
    (tmp_path / "by.py").write_text(told["Python"].replace("by-form", "by-python"))
    shell("python by.py", live, client, tmp_path)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("by-form")
    found = {}
    for name in ("by-form", "by-cli", "by-rest", "by-python"):
        job = client.jobs.get(name)
        spec = job.version["specification"]
        kept = ("parameters", "inputs", "engine", "flavour", "nodes", "restarts", "search", "environment", "boot_file")
        found[name] = {**{key: spec[key] for key in kept}, "description": job.about["metadata"]["description"]}
    assert found["by-cli"] == found["by-rest"] == found["by-python"] == found["by-form"]
    assert (found["by-form"]["search"] is not None) == searched


def test_the_calls_for_another_version_make_what_the_form_says(working, client, visit, live, tmp_path):  # noqa: F811
    job = submit(client, "digits")
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/new?from={job.id}")
    page.get_by_role("button", name="Add: Parameters").click()
    page.get_by_role("textbox", name="Parameters: Name 1").fill("lr")
    page.get_by_role("textbox", name="Value 1", exact=True).first.fill("0.5")
    page.get_by_role("button", name="Next", exact=True).click()
    line = page.locator("pre.snippet").text_content()
    page.get_by_role("tab", name="REST", exact=True).click()
    call = page.locator("pre.snippet").text_content()
    shell(line, live, client, tmp_path)
    shell(call, live, client, tmp_path, token_of(live))
    made = {one["version"]: one["previous"] for one in job.versions()}
    assert made == {"V0003": "V0001", "V0002": "V0001", "V0001": None}
    assert job.refresh().version["specification"]["parameters"] == [{"name": "lr", "value": "0.5"}]
