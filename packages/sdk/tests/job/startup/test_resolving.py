"""What uv is asked under an era."""

from __future__ import annotations

import os

import pytest

from maquette_sdk.job.startup.resolving import Era, Uv, attempt

LIFTED = "--exclude-newer-package setuptools=2100-01-01"


@pytest.mark.parametrize(
    ("wanted", "lifted"),
    [(["-e file:///code"], True), (["six", "-e file:///code"], True), (["six"], False)],
)
def test_what_makes_a_folder_editable_obeys_no_era(tmp_path, wanted, lifted):
    said = tmp_path / "said"
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" > {said}\n')
    uv.chmod(0o755)
    attempt(Uv(str(uv), "python", dict(os.environ)), wanted, Era("2021-05-01"))
    assert "--exclude-newer 2021-05-01" in said.read_text()
    assert (LIFTED in said.read_text()) == lifted
