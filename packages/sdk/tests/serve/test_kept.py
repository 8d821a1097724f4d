"""What a package keeps between its stages, seen and put back."""

from __future__ import annotations

import sys
import types
from collections import OrderedDict

import numpy
import pytest

from maquette_sdk.serve.kept import LONGEST, Kept, Memory


class Predictor:
    size = None

    def __init__(self):
        self.box = 1


class Service:
    shared = 1

    def __init__(self):
        self.predictor = Predictor()
        self.size = 1
        self.array = numpy.zeros(3)
        self.sizes = {"a": 1}
        self.seen = [1]
        self.ordered = OrderedDict(a=1)
        self.long = list(range(LONGEST + 1))
        self.labels = ["a"]


@pytest.fixture
def module(monkeypatch, tmp_path):
    made = types.ModuleType("of_the_package")
    made.__file__ = str(tmp_path / "of_the_package.py")
    made.size, made.sizes = 1, {}
    monkeypatch.setitem(sys.modules, "of_the_package", made)
    return made


@pytest.fixture
def kept(module, tmp_path):
    return Kept(Service(), str(tmp_path))


CHANGES = [
    ("self.size", lambda service, module: setattr(service, "size", 2)),
    ("self.array", lambda service, module: setattr(service, "array", numpy.zeros(3))),
    ("self.new", lambda service, module: setattr(service, "new", 2)),
    ("self.size", lambda service, module: delattr(service, "size")),
    ("self.sizes", lambda service, module: service.sizes.update(a=2)),
    ("self.sizes", lambda service, module: service.sizes.clear()),
    ("self.seen", lambda service, module: service.seen.append(2)),
    ("self.ordered", lambda service, module: service.ordered.popitem()),
    ("self.predictor", lambda service, module: setattr(service.predictor, "box", 2)),
    ("self.predictor", lambda service, module: setattr(service.predictor, "size", 2)),
    ("Service.shared", lambda service, module: setattr(Service, "shared", 2)),
    ("Service.added", lambda service, module: setattr(Service, "added", 2)),
    ("of_the_package.size", lambda service, module: setattr(module, "size", 2)),
    ("of_the_package.sizes", lambda service, module: module.sizes.update(a=2)),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_change_is_seen_and_named_and_can_be_undone(kept, module, name, change):
    service = kept._service
    kept.look()
    assert kept.changes() == []
    change(service, module)
    (found,) = kept.changes()
    assert kept.name_of(found) == name
    memory = Memory()
    memory.keep(found, found.before)
    memory.put_back()
    assert kept.changes() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda service, module: setattr(service, "size", 1),
        lambda service, module: service.long.append(1),
        lambda service, module: setattr(module, "__warningregistry__", {}),
        lambda service, module: sys.modules[__name__].__dict__.update(other=1),
    ],
)
def test_what_stays_the_same_or_is_no_state_of_the_package_is_no_change(kept, module, change):
    kept.look()
    change(kept._service, module)
    assert kept.changes() == []


def test_each_call_finds_what_it_wrote_itself_and_the_last_stays(kept):
    """Three calls write, the first of them before anybody looked."""
    service, memories, changes = kept._service, [Memory(), Memory(), Memory()], []
    for place in range(3):
        if place:
            kept.look()
        service.size = 10 + place
        service.seen.append(place)
        for change in kept.changes() if place else []:
            changes.append(change)
            for earlier in memories[:place]:
                earlier.keep(change, change.before)
    for memory in memories:
        memory.keep_present(changes)
    found = []
    for memory in memories:
        memory.put_back()
        found.append((service.size, list(service.seen)))
    assert found == [(10, [1, 0]), (11, [1, 0, 1]), (12, [1, 0, 1, 2])]


def test_a_module_that_is_imported_later_is_looked_at(kept, module, monkeypatch, tmp_path):
    kept.look()
    late = types.ModuleType("late")
    late.__file__ = str(tmp_path / "sub" / "late.py")
    monkeypatch.setitem(sys.modules, "late", late)
    kept.look()
    late.size = 1
    assert [kept.name_of(change) for change in kept.changes()] == ["late.size"]


def test_modules_that_load_themselves_when_asked_are_not_asked(kept, monkeypatch):
    class Lazy(types.ModuleType):
        def __getattr__(self, name):
            raise AssertionError(f"asked for {name}")

    lazy = Lazy("lazy")
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    kept._service.lazy = lazy
    kept.look()
    assert kept.changes() == []
