"""The catalogue holds together."""

from __future__ import annotations

import datetime

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from maquette.drivers.engines.catalogue import OLDEST_PYTHON, python_range, read_catalogue, read_known_names
from maquette.drivers.engines.making import constraints_of

CATALOGUE = read_catalogue()
FAMILIES = list(CATALOGUE.families.values())
RELEASES = [(family, release) for family in FAMILIES for release in family.releases]


def name_of(entry):
    return entry.name


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
def test_the_default_of_a_family_is_one_of_its_releases(family):
    assert CATALOGUE.release(f"{family.name}-{family.default}") is not None


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
def test_releases_stand_oldest_first_and_none_twice(family):
    versions = [Version(version) for release in family.releases for version in release.versions]
    assert versions == sorted(set(versions))


def test_a_word_means_one_framework():
    words = [alias for family in FAMILIES for alias in family.aliases]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(("family", "release"), RELEASES, ids=lambda entry: entry.name)
def test_a_release_says_all_that_is_needed(family, release):
    assert all(python >= OLDEST_PYTHON for python in release.pythons)
    assert release.prefers is None or release.prefers in release.pythons
    assert release.download_mb > 0
    assert release.disk_mb > release.download_mb
    for package in family.packages_of(release, release.versions[0]):
        assert Requirement(package)


@pytest.mark.parametrize(("family", "release"), RELEASES, ids=lambda entry: entry.name)
def test_only_the_default_release_has_no_era_and_each_era_has_a_list(family, release):
    if release.era is None:
        assert family.default in release.versions
        return
    assert datetime.date.fromisoformat(release.era) >= datetime.date(2019, 4, 1)
    assert constraints_of(release.era) is not None


def test_a_list_is_taken_only_from_the_past():
    assert constraints_of("2019-03-31") is None
    assert constraints_of("2019-06-30").stem == "2019-04-01"
    assert constraints_of("2020-01-01").stem == "2020-01-01"


def test_a_range_of_pythons_has_both_ends():
    assert python_range("3.7-3.10") == ((3, 7), (3, 8), (3, 9), (3, 10))


def test_the_known_names_are_of_every_kind():
    assert set(read_known_names()) == {
        "training_v1", "training_v2", "engine_ids", "runtimes", "unified_runtimes", "short"
    }  # fmt: skip
