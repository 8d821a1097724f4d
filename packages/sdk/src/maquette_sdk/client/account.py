"""Where a Maquette is and the key that opens it: from the environment, or as `maquette login` has kept them."""

from __future__ import annotations

import json
import os
from typing import Mapping, NamedTuple

from maquette_sdk.client.errors import MaquetteError

VARIABLES = ("MAQUETTE_URL", "MAQUETTE_ACCESS_KEY", "MAQUETTE_SECRET_KEY")

RUNS_OWN = "MAQUETTE_TOKEN"
"""Set inside runs, where it opens the calls about training, models and services, and no buckets."""


class Account(NamedTuple):
    url: str
    access: str
    secret: str


def find_account(profile: str, environment: Mapping[str, str] = os.environ) -> Account:
    """All three variables, else the profile. MaquetteError tells what is missing."""
    given = [environment.get(name, "") for name in VARIABLES]
    if all(given):
        return Account(*given)
    if environment.get(RUNS_OWN):
        raise MaquetteError(
            "A run has no key of its own. Give url, access and secret, or use modelarts.session.Session."
        )
    if any(given):
        missing = [name for name, value in zip(VARIABLES, given) if not value]
        raise MaquetteError("{} is not set, and the others are.".format(" and ".join(missing)))
    path = profiles_path(environment)
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)[profile]
        account = Account(found["url"], found["access"], found["secret"])
    except FileNotFoundError:
        raise MaquetteError("Nobody is signed in here. Use `maquette login`, or give url, access and secret.") from None
    except (ValueError, KeyError, TypeError):
        raise MaquetteError("There is no profile '{}' in {}. Use `maquette login`.".format(profile, path)) from None
    if not account.url:
        raise MaquetteError("The profile '{}' is an object store alone, and no Maquette.".format(profile))
    return account


def profiles_path(environment: Mapping[str, str]) -> str:
    base = environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "maquette", "profiles.json")
