"""How a session reaches the server: where it is, who asks, and its answers, which are read by key or by attribute."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping, NamedTuple, Optional

from maquette_sdk.client.account import Account, find_account
from maquette_sdk.client.calls import Calls, refusal
from maquette_sdk.client.errors import MaquetteError

URL, TOKEN, PROJECT = "MAQUETTE_URL", "MAQUETTE_TOKEN", "MAQUETTE_PROJECT_ID"
ACCESS, SECRET = "MAQUETTE_ACCESS_KEY", "MAQUETTE_SECRET_KEY"
TOKENS = "/v3/auth/tokens"
LOST = (
    "This needs a Maquette, and there is no word of where one is. Sign in with `maquette login`, or set MAQUETTE_URL "
    "and give Session(access_key=…, secret_key=…)."
)
ALONE = (
    "This run was not told how to reach the server: `maquette run` has none. Start jobs from a job or a notebook "
    "of a Maquette, or give Session(access_key=…, secret_key=…) and set MAQUETTE_URL."
)


class Proof(NamedTuple):
    """Who asks: a key, a name with its password, or a token that was given."""

    access: str = ""
    secret: str = ""
    user: str = ""
    password: str = ""
    token: str = ""


class Told(Dict[str, Any]):
    """What a call answered. Scripts read it as a dictionary; some of the older ones by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError("The answer has no '{}'. It has {}.".format(name, ", ".join(self))) from None


class Service(Calls):
    """The calls of both generations, for one session."""

    def __init__(self, url: str, proof: Proof, project_id: str = "") -> None:
        super().__init__(Account(url, proof.access, proof.secret))
        self.proof = proof
        self.project = project_id
        self.token = proof.token

    def call(
        self, method: str, path: str, body: Any = None, query: Optional[Mapping[str, Any]] = None, version: str = "v1"
    ) -> Told:
        """`path` is what stands behind the project's id. Raises MaquetteError with the server's sentence."""
        answer = self.json(method, "/{}/{{project_id}}/{}".format(version, path), body, query)
        told: Told = json.loads(json.dumps(answer), object_hook=Told)
        return told

    def sign_in(self, old: str) -> str:
        """With a password where that is the proof. A token that was given cannot be had anew."""
        if self.proof.token:
            if old:
                raise MaquetteError("The token in {} is of no use any more.".format(TOKEN), 401, "unidentified")
            if not self.project:
                raise MaquetteError("{} is not set, and {} is.".format(PROJECT, TOKEN))
            return self.proof.token
        if not self.proof.user:
            return super().sign_in(old)
        user = {"name": self.proof.user, "password": self.proof.password, "domain": {"name": "maquette"}}
        scope = {"project": {"id": self.project}} if self.project else {}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        headers = {"Content-Type": "application/json"}
        with self.signing_in, self.asked("POST", TOKENS, headers, json.dumps(body).encode()) as answer:
            data = answer.read()
        if answer.status >= 400:
            raise refusal(answer.status, data, "POST", TOKENS)
        self.token = answer.headers["X-Subject-Token"]
        self.project = json.loads(data)["token"]["project"]["id"]
        return self.token


def in_a_run(environment: Mapping[str, str] = os.environ) -> bool:
    return "MAQUETTE_BUCKETS" in environment


def find_service(
    endpoint: str, proof: Proof, project_id: str = "", environment: Mapping[str, str] = os.environ
) -> Optional[Service]:
    """The server that `Session.set_endpoint` or MAQUETTE_URL names, else the one of `maquette login`; None where there
    is word of none. A proof that was given wins over those of the environment and of `maquette login`."""
    url = endpoint or environment.get(URL, "")
    if not url and (in_a_run(environment) or environment.get("MAQUETTE_HOME")):
        return None
    if not url:
        try:
            account = find_account("default", environment)
        except MaquetteError:
            return None
        return Service(account.url, proof if any(proof) else Proof(account.access, account.secret), project_id)
    if not any(proof):
        proof = Proof(environment.get(ACCESS, ""), environment.get(SECRET, ""), token=environment.get(TOKEN, ""))
        project_id = project_id or environment.get(PROJECT, "")
    if not any(proof):
        raise MaquetteError("{} is named, and no key for it. Give Session(access_key=…, secret_key=…).".format(url))
    return Service(url, proof, project_id)
