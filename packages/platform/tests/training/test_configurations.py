"""Saved job parameters as rows."""

import pytest

from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.training import configurations
from maquette.training.configurations import Query
from maquette.workspaces import actions


@pytest.fixture
def workspace(platform):
    return actions.owner_of_all(platform)[1]


def test_a_configuration_lives_in_its_workspace(platform, workspace, clock):
    configurations.make(platform, workspace, "one", "first", {"app_url": "/usr/app/"})
    found = configurations.find(platform, workspace, "one")
    assert (found.name, found.description, found.content, found.created_at) == (
        "one", "first", {"app_url": "/usr/app/"}, clock(),
    )  # fmt: skip
    with pytest.raises(NotFound, match="no configuration 'one'"):
        configurations.find(platform, "another", "one")
    with pytest.raises(Conflict, match="already"):
        configurations.make(platform, workspace, "one", "", {})
    configurations.change(platform, workspace, "one", "second", {})
    assert configurations.find(platform, workspace, "one").content == {}
    configurations.remove(platform, workspace, "one")
    with pytest.raises(NotFound):
        configurations.remove(platform, workspace, "one")
    with pytest.raises(NotFound):
        configurations.change(platform, workspace, "one", "", {})


def test_configurations_are_sorted_searched_and_paged(platform, workspace, clock):
    for name, description in (("b", "100%"), ("a", "50_"), ("c", "")):
        configurations.make(platform, workspace, name, description, {})
        clock.pass_seconds(1)

    def names(**query):
        found, total = configurations.list_all(platform, workspace, Query(**query))
        return [one.name for one in found], total

    assert names() == (["c", "b", "a"], 3)
    assert names(sort="created_at", descending=False) == (["b", "a", "c"], 3)
    assert names(text="0%") == (["b"], 1)
    assert names(offset=1, limit=1) == (["b"], 3)


@pytest.mark.parametrize(("name", "description"), [("", ""), ("a b", ""), ("x" * 65, ""), ("a", "x" * 257)])
def test_a_name_or_a_description_that_is_none_is_refused(platform, workspace, name, description):
    with pytest.raises(BadInput):
        configurations.make(platform, workspace, name, description, {})
