"""Where a session finds its server, and what it says where there is none."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, Dict

import pytest

KEY = {"access_key": "AK", "secret_key": "SK"}


@pytest.fixture
def service(names: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The module, on a machine where nobody has signed in."""
    for name in ("MAQUETTE_BUCKETS", "MAQUETTE_HOME", "MAQUETTE_URL", "MAQUETTE_TOKEN", "MAQUETTE_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return importlib.import_module("modelarts.service")


@pytest.fixture
def session_class(service: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    cls = importlib.import_module("modelarts.session").Session
    monkeypatch.setattr(cls, "endpoint", "")
    return cls


@pytest.fixture
def profile(tmp_path: Path) -> Dict[str, str]:
    """As `maquette login` keeps it."""
    kept = {"url": "http://kept:1", "store": "", "project_id": "p", "access": "A", "secret": "S"}
    (tmp_path / "maquette").mkdir()
    (tmp_path / "maquette" / "profiles.json").write_text(json.dumps({"default": kept}))
    return kept


@pytest.mark.parametrize(
    ("endpoint", "proof", "environment", "url", "access"),
    [
        ("http://e:1", {"access": "AK", "secret": "SK"}, {}, "http://e:1", "AK"),
        ("", {"access": "AK", "secret": "SK"}, {"MAQUETTE_URL": "http://u:1"}, "http://u:1", "AK"),
        ("http://e:1", {"access": "AK", "secret": "SK"}, {"MAQUETTE_URL": "http://u:1"}, "http://e:1", "AK"),
        ("", {}, {"MAQUETTE_URL": "http://u:1", "MAQUETTE_ACCESS_KEY": "EA"}, "http://u:1", "EA"),
        ("", {}, {}, "http://kept:1", "A"),
        ("", {"access": "AK", "secret": "SK"}, {}, "http://kept:1", "AK"),
    ],
)
def test_what_is_given_wins_over_the_environment_and_that_over_the_profile(
    service: Any, profile: Any, tmp_path: Path, endpoint: str, proof: Any, environment: Any, url: str, access: str
) -> None:
    around = dict(environment, XDG_CONFIG_HOME=str(tmp_path))
    found = service.find_service(endpoint, service.Proof(**proof), "", around)
    assert (found.account.url, found.account.access) == (url, access)


def test_a_home_of_buckets_wins_over_the_profile(service: Any, profile: Any, tmp_path: Path) -> None:
    around = {"XDG_CONFIG_HOME": str(tmp_path), "MAQUETTE_HOME": "/somewhere"}
    assert service.find_service("", service.Proof(), "", around) is None
    assert service.find_service("", service.Proof("AK", "SK"), "", dict(around, MAQUETTE_URL="http://u:1")) is not None


def test_who_names_a_server_and_no_key_is_told(service: Any) -> None:
    with pytest.raises(Exception, match="http://u:1 is named, and no key for it"):
        service.find_service("", service.Proof(), "", {"MAQUETTE_URL": "http://u:1"})


def test_without_word_of_a_server_the_sentence_tells_the_way(session_class: Any, monkeypatch: Any) -> None:
    with pytest.raises(RuntimeError, match="Sign in with `maquette login`"):
        session_class(**KEY).service.call("GET", "training-jobs")
    monkeypatch.setenv("MAQUETTE_BUCKETS", "{}")
    estimator = importlib.import_module("modelarts.estimator")
    with pytest.raises(RuntimeError, match="This run was not told how to reach the server"):
        estimator.Estimator.get_job_list(session_class())


def test_a_run_is_given_a_token_that_cannot_be_renewed(service: Any) -> None:
    around = {"MAQUETTE_BUCKETS": "{}", "MAQUETTE_URL": "http://u:1", "MAQUETTE_TOKEN": "T"}
    alone = service.find_service("", service.Proof(), "", around)
    with pytest.raises(Exception, match="MAQUETTE_PROJECT_ID is not set"):
        alone.project_id  # noqa: B018
    found = service.find_service("", service.Proof(), "", dict(around, MAQUETTE_PROJECT_ID="p"))
    assert (found.project_id, found.token) == ("p", "T")
    with pytest.raises(Exception, match="is of no use any more"):
        found.sign_in("T")


def test_an_endpoint_without_a_scheme_is_one_of_the_web(session_class: Any) -> None:
    session_class.set_endpoint(iam_endpoint="iam", obs_endpoint="obs", modelarts_endpoint="ma.example")
    assert session_class(**KEY).service.account.url == "https://ma.example"


def test_nothing_answers_is_told_with_the_address(session_class: Any) -> None:
    session_class.set_endpoint(modelarts_endpoint="http://127.0.0.1:9")
    with pytest.raises(Exception, match=r"Nothing answers at http://127\.0\.0\.1:9"):
        session_class(username="me", password="x").service.call("GET", "training-jobs")


def test_answers_are_read_by_key_and_by_attribute(service: Any) -> None:
    told = service.Told(job_id=3)
    assert told.job_id == told["job_id"] == 3
    with pytest.raises(AttributeError, match=r"The answer has no 'name'\. It has job_id\."):
        told.name  # noqa: B018
