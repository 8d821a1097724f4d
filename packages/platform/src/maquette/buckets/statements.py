"""Bucket policies: JSON documents whose statements let everybody do something with a bucket, or nobody beside its
workspace. Statements about single people or on conditions are not known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

MOST_BYTES = 20 * 1024
KNOWN = (
    *("s3:listbucket", "s3:getobject", "s3:putobject", "s3:deleteobject"),
    *("s3:getbucketacl", "s3:putbucketacl", "s3:getobjectacl", "s3:putobjectacl"),
    *("s3:getobjecttagging", "s3:putobjecttagging", "s3:deleteobjecttagging"),
)
# Other names of these: OBS', and those of calls that are not told apart here.
_SAME = {
    "s3:headbucket": "s3:listbucket",
    "s3:listbucketversions": "s3:listbucket",
    "s3:listbucketmultipartuploads": "s3:listbucket",
    "s3:getobjectversion": "s3:getobject",
    "s3:getobjectversionacl": "s3:getobjectacl",
    "s3:putobjectversionacl": "s3:putobjectacl",
    "s3:deleteobjectversion": "s3:deleteobject",
    "s3:abortmultipartupload": "s3:putobject",
    "s3:listmultipartuploadparts": "s3:putobject",
}
_PARTS = {"Sid", "Effect", "Principal", "Action", "Resource"}


class Effect(StrEnum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class Malformed(Exception):
    """The document is no policy of this bucket."""


class Unknown(Exception):
    """A policy that says what this store does not do."""


@dataclass(frozen=True)
class Statement:
    """About everybody; actions and resources are patterns with `*` and `?`."""

    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def is_about(self, action: str, resource: str) -> bool:
        return any(_fits(action.lower(), one) for one in self.actions) and any(
            _fits(resource, one) for one in self.resources
        )


def read_policy(text: str, bucket: str) -> tuple[Statement, ...]:
    """The statements of a policy. Malformed or Unknown where the bucket cannot have it."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("The body is no policy: it must be JSON with a Statement.") from None
    statements = _listed(policy.get("Statement")) if isinstance(policy, dict) else []
    if not statements or not all(isinstance(one, dict) for one in statements):
        raise Malformed("The body is no policy: it must be JSON with a Statement.")
    return tuple(_statement(one, bucket) for one in statements)


def judge(statements: Iterable[Statement], action: str, bucket: str, key: str) -> Effect | None:
    """What the policy says of this; a denial counts before any permission."""
    resource = f"{bucket}/{key}" if key else bucket
    effects = {one.effect for one in statements if one.is_about(action, resource)}
    return Effect.DENY if Effect.DENY in effects else next(iter(effects), None)


def lets_anybody(statements: Iterable[Statement]) -> bool:
    return any(one.effect is Effect.ALLOW for one in statements)


def opens_every_object(statements: Iterable[Statement], bucket: str, action: str) -> bool:
    """Whether everybody may do this with each object, now and later."""
    about = [one for one in statements if any(_fits(action.lower(), pattern) for pattern in one.actions)]
    every = {"*", "*/*", f"{bucket}*", f"{bucket}/*"}
    opened = any(one.effect is Effect.ALLOW and every & set(one.resources) for one in about)
    return opened and not any(one.effect is Effect.DENY for one in about)


def _statement(said: dict[str, Any], bucket: str) -> Statement:
    if said.get("Effect") not in ("Allow", "Deny"):
        raise Malformed("A statement's Effect must be Allow or Deny.")
    more = sorted(set(said) - _PARTS)
    if more:
        raise Unknown(f"Policies with {', '.join(more)} are not known here.")
    if not _is_everybody(said.get("Principal")):
        raise Unknown('The Principal of a policy can only be "*" here. Grant single workspaces access by an ACL.')
    return Statement(Effect(said["Effect"]), _actions(said), _resources(said, bucket))


def _is_everybody(principal: Any) -> bool:
    if isinstance(principal, dict):
        return [_listed(one) for one in principal.values()] == [["*"]]
    return bool(principal == "*")


def _actions(said: dict[str, Any]) -> tuple[str, ...]:
    actions = [str(one).lower() for one in _listed(said.get("Action"))]
    actions = [one if ":" in one or one == "*" else f"s3:{one}" for one in actions]
    actions = [_SAME.get(one, one) for one in actions]
    if not actions:
        raise Malformed("A statement must have an Action.")
    for action in actions:
        if not any(_fits(known, action) for known in KNOWN):
            raise Unknown(f"The action {action} cannot be given or denied by a policy here.")
    return tuple(actions)


def _resources(said: dict[str, Any], bucket: str) -> tuple[str, ...]:
    resources = [_without_arn(str(one)) for one in _listed(said.get("Resource"))]
    if not resources:
        raise Malformed("A statement must have a Resource.")
    for resource in resources:
        if not _fits(bucket, resource.partition("/")[0]):
            raise Malformed(f"The resource {resource} is not of the bucket {bucket}.")
    return tuple(resources)


def _without_arn(resource: str) -> str:
    """`arn:aws:s3:::BUCKET/KEY` and OBS' `BUCKET/KEY` alike."""
    return resource.split(":", 5)[-1] if resource.startswith("arn:") else resource


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
