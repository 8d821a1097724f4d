"""Calls that wait for a version whose instances have left: which are answered by another, and which are refused."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from maquette.services.bodies import read_body
from maquette.services.deployment import Service, Status, Target, Wanted
from maquette.services.domain import CHANGED, NOT_RUNNING, CallLimits, CallRefused
from maquette.services.infers import Front, Infers
from maquette.services.line import Call, Link

from .conftest import form, service_code, start_instance

LIMITS = CallLimits()
FORM, HEADERS = form(("name", "tom"))
BODIES = {
    "json": (b'{"name": "tom"}', "application/json"),
    "form": (FORM, HEADERS["Content-Type"]),
    "fields": (b"name=tom", "application/x-www-form-urlencoded"),
    "picture": (b"\xff\xd8", "image/jpeg"),
    "nothing": (b"", ""),
}


@pytest.fixture(scope="module")
def instance():
    """One that answers whatever it is asked."""
    started = start_instance(service_code("return 'here'"))
    yield started
    started.process.kill()
    started.process.wait()
    shutil.rmtree(started.folder)


def service(*targets):
    return Service(
        id="s", workspace_id="w", name="cats", description="", status=Status.RUNNING, wanted=Wanted.RUNNING, error="",
        targets=targets, revision=2, settled=1, stop_hours=0.0, due_at=None, asleep=False, called_at=0.0, trouble={},
        created_by="", created_at=0.0, published_at=0.0, transition_at=0.0,
    )  # fmt: skip


async def call_of(name, raw):
    content, content_type = BODIES[name]

    async def chunks():
        yield content

    return Call({}, await read_body(chunks(), content_type, LIMITS, raw), LIMITS.seconds)


async def pass_on(ctx, left, targets, instance):
    """What becomes of a call of each kind that waits for `left` when all other targets get ready."""
    infers = Infers(ctx, lambda scope: None, LIMITS)
    front = Front(service(*targets))
    versions = {target.key: infers.new_version(front.service, target) for target in (left, *targets)}
    front.versions |= versions
    calls = {name: await call_of(name, left.raw) for name in BODIES}
    asking = [asyncio.create_task(versions[left.key].line.ask(call)) for call in calls.values()]
    await asyncio.sleep(0)
    links = [Link(instance.socket) for key in versions if key != left.key]
    for link, version in zip(links, [one for key, one in versions.items() if key != left.key], strict=True):
        version.line.opened(link)
    infers.pass_on(front, versions[left.key])
    waiting = [name for name, call in calls.items() if call in versions[left.key].line.waiting]
    versions[left.key].line.give_up()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    for link in links:
        link.close()
    return waiting, {name: told(answer) for name, answer in zip(calls, answers, strict=True)}


def told(answer):
    return answer.refusal if isinstance(answer, CallRefused) else "answered"


@pytest.mark.parametrize("raw", [False, True])
def test_of_a_version_that_has_left_forms_alone_are_refused_by_one_that_reads_them_otherwise(platform, instance, raw):
    left, next = Target("left", raw=raw), Target("next", raw=not raw)
    waiting, became = asyncio.run(pass_on(platform, left, [next], instance))
    assert waiting == []
    refused = {name for name, end in became.items() if end is CHANGED}
    assert refused == {"form", "fields"}
    assert {end for name, end in became.items() if name not in refused} == {"answered"}
    assert CHANGED.status == 503
    assert b"Send it again" in CHANGED.body


@pytest.mark.parametrize("raw", [False, True])
def test_a_form_is_answered_by_whichever_version_reads_it_alike(platform, instance, raw):
    left, alike, other = Target("left", raw=raw), Target("alike", 1, raw=raw), Target("other", 99, raw=not raw)
    for targets in ([alike], [other, alike]):
        waiting, became = asyncio.run(pass_on(platform, left, targets, instance))
        assert waiting == []
        assert set(became.values()) == {"answered"}


def test_a_form_waits_for_its_own_version_that_will_come_back(platform, instance):
    left, other = Target("left", 50), Target("other", 50, raw=True)
    waiting, became = asyncio.run(pass_on(platform, left, [left, other], instance))
    assert waiting == ["form", "fields"]
    assert {became[name] for name in waiting} == {NOT_RUNNING}
    assert {end for name, end in became.items() if name not in waiting} == {"answered"}
