"""OBS' way of saying something else of an object that is there, without sending it again."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from maquette.buckets.obs import objects
from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.call import Call, check_version

REPLACE, REPLACE_NEW = "REPLACE", "REPLACE_NEW"


def set_metadata(call: Call) -> Response:
    """What is said takes the place of all that was said (`REPLACE`), or of what is called the same (`REPLACE_NEW`)."""
    check_version(call)
    objects.refuse_unknown(call)
    directive = (call.header("x-amz-metadata-directive") or REPLACE_NEW).upper()
    if directive not in (REPLACE, REPLACE_NEW):
        raise S3Error("InvalidArgument", f"x-obs-metadata-directive must be {REPLACE_NEW} or {REPLACE}.")
    said = {name: value for name, value in objects.metadata(call).items() if _is_described(name)}
    kind = call.header("content-type") or (objects.OCTETS if directive == REPLACE else "")

    def change(known: Mapping[str, str]) -> dict[str, str]:
        stays = {name: value for name, value in known.items() if directive == REPLACE_NEW or not _is_described(name)}
        return stays | said

    call.store.describe(call.bucket, call.key, change, kind)
    return Response(None, 200)


def _is_described(name: str) -> bool:
    """The user's own metadata and the headers that are kept; tags, ACL and checksums have calls of their own."""
    return name.startswith(objects.KEPT) or ":" not in name
