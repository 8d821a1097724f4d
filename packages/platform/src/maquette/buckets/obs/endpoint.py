"""The S3 endpoint: who asks, what for, and the answer, also when it is an error."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from maquette.buckets.obs import (
    absent,
    acls,
    attributes,
    cors,
    deletes,
    described,
    dialect,
    forms,
    listing,
    objects,
    policies,
    settings,
    tags,
    uploads,
)
from maquette.buckets.obs.answers import S3Error, error_document, error_of, header_text
from maquette.buckets.obs.body import Content, Incoming
from maquette.buckets.obs.call import Bearer, Call, check_bucket, check_expected_owner
from maquette.buckets.obs.parts import Parts
from maquette.buckets.obs.threads import Kind, in_thread
from maquette.buckets.sharing import Action
from maquette.kernel.errors import MaquetteError
from maquette.web import signing
from maquette.web.signing import Signature, Signed, SigningError
from maquette.web.signing_v2 import read_signature_v2, verify_v2

log = logging.getLogger(__name__)

Answer = Callable[[Call], Response]

_SERVICE: Mapping[tuple[str, str], Answer] = {
    ("GET", ""): listing.list_buckets,
}
_BUCKET: Mapping[tuple[str, str], Answer] = {
    ("GET", ""): listing.list_objects,
    ("GET", "list-type"): listing.list_objects_v2,
    ("GET", "versions"): listing.list_versions,
    ("GET", "location"): settings.location,
    ("GET", "versioning"): settings.versioning,
    ("GET", "acl"): acls.read_acl,
    ("PUT", "acl"): acls.write_acl,
    ("GET", "policy"): policies.read_policy_call,
    ("PUT", "policy"): policies.write_policy,
    ("DELETE", "policy"): policies.remove_policy,
    ("GET", "policyStatus"): policies.policy_status,
    ("GET", "publicAccessBlock"): policies.read_block,
    ("PUT", "publicAccessBlock"): policies.write_block,
    ("DELETE", "publicAccessBlock"): policies.remove_block,
    ("GET", "cors"): cors.read_rules,
    ("PUT", "cors"): cors.write_rules,
    ("DELETE", "cors"): cors.remove_rules,
    ("GET", "tagging"): settings.read_tags,
    ("PUT", "tagging"): settings.write_tags,
    ("DELETE", "tagging"): settings.remove_tags,
    ("GET", "ownershipControls"): settings.read_ownership,
    ("PUT", "ownershipControls"): settings.write_ownership,
    ("DELETE", "ownershipControls"): settings.remove_ownership,
    ("PUT", "logging"): settings.write_empty,
    ("PUT", "notification"): settings.write_empty,
    ("GET", "uploads"): uploads.list_uploads,
    ("HEAD", ""): listing.head_bucket,
    ("PUT", ""): listing.make_bucket,
    ("DELETE", ""): listing.remove_bucket,
    ("POST", "delete"): deletes.delete_objects,
    ("POST", ""): forms.post_object,
    ("PUT", "object-lock"): absent.refuse_lock,
}
_OBJECT: Mapping[tuple[str, str], Answer] = {
    ("GET", ""): objects.get_object,
    ("GET", "uploadId"): uploads.list_parts,
    ("GET", "acl"): acls.read_acl,
    ("PUT", "acl"): acls.write_acl,
    ("HEAD", ""): objects.head_object,
    ("PUT", ""): objects.put_object,
    ("PUT", "copy"): objects.copy_object,
    ("PUT", "uploadId"): uploads.add_part,
    ("PUT", "uploadId copy"): uploads.copy_part,
    ("POST", "append"): objects.append_object,
    ("POST", "uploads"): uploads.start_upload,
    ("POST", "uploadId"): uploads.complete_upload,
    ("DELETE", ""): deletes.delete_object,
    ("GET", "attributes"): attributes.read_attributes,
    ("GET", "tagging"): tags.read_tags,
    ("PUT", "tagging"): tags.write_tags,
    ("DELETE", "tagging"): tags.remove_tags,
    ("PUT", "metadata"): described.set_metadata,
    ("GET", "torrent"): absent.no_torrent,
    ("GET", "retention"): absent.no_lock,
    ("PUT", "retention"): absent.no_lock,
    ("GET", "legal-hold"): absent.no_lock,
    ("PUT", "legal-hold"): absent.no_lock,
    ("DELETE", "uploadId"): uploads.abort_upload,
}
_BRIEF = {
    *(objects.get_object, objects.head_object, objects.put_object, deletes.delete_object),
    *(uploads.start_upload, uploads.add_part, listing.head_bucket),
}
"""What ends soon, once the body is there."""
_TAKES_BYTES = {objects.put_object, uploads.add_part}

# Names in the query that make it another call. `uploadId` stands before `partNumber`, which is no call of its own.
_SUBRESOURCES = [
    *("uploadId", "uploads", "append", "list-type", "versions", "location", "versioning", "acl", "delete"),
    *settings.ABSENT,
    *settings.EMPTY,
    *("policy", "policyStatus", "analytics", "attributes", "intelligent-tiering", "inventory", "legal-hold", "metrics"),
    *("restore", "retention", "select", "torrent", "metadata"),
    *absent.OTHERS,
]


REMEMBERED_SECONDS = 1.0
"""How long a bearer is believed: clients send many requests with one key."""
MOST_REMEMBERED = 1000
PATIENCE_SECONDS = 60.0
"""How long a client may send nothing of a body it has announced."""
MOST_BRIEF_BYTES = 64 << 10
"""What is written and summed up in a moment."""

Find = Callable[[str], Bearer | None]
"""The bearer of an access key; None for one that is not known."""
Unsigned = Callable[[Scope], Bearer | None]
"""What a request that is not signed may see; None for nothing."""


@dataclass(frozen=True)
class Identified:
    """Who sends a request; `signature` and `key` are told by Signature Version 4 only."""

    bearer: Bearer
    signature: Signature | None = None
    key: bytes = b""


class Endpoint:
    """Serves a store to clients that speak S3 or OBS, as an ASGI application.

    `unsigned` tells what those see who do not sign; without it they see nothing. Hosts like `BUCKET.localhost` name
    the bucket in front of the host name.
    """

    def __init__(
        self,
        find: Find,
        parts: Parts,
        unsigned: Unsigned | None = None,
        host: str = "localhost",
        now: Callable[[], float] = time.time,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._find = find
        self._parts = parts
        self._unsigned = unsigned
        self._host = host
        self._now = now
        self._patience = patience
        self._known: dict[str, tuple[float, Bearer]] = {}  # seen by the event loop only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = os.urandom(8).hex().upper()
        request = _signed(scope)
        asked = not request.header("expect")

        async def ask() -> Message:
            """By this a client that waits is told to send its body."""
            nonlocal asked
            asked = True
            return await receive()

        try:
            response = await self._answer(scope, request, receive if asked else ask, not asked)
        except S3Error as error:
            response = _error_answer(request, error, request_id)
            if not asked:
                # It keeps its body to itself now, and what it sends next could not be told from one.
                response.headers["connection"] = "close"
        if request.header("origin") is not None and request.method != "OPTIONS":
            with suppress(S3Error):
                response.headers.update(cors.told_to_page(request, await self._settings(scope, request)))
        response.raw_headers += [(b"x-amz-request-id", request_id.encode()), (b"server", b"Maquette")]
        if _speaks_obs(request):
            dialect.speak_obs(response)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, request: Signed, receive: Receive, waiting: bool) -> Response:
        query = dict(signing.query_pairs(request.query))
        if "apiversion" in query and request.header("authorization") is None:
            return Response(None, 200, dialect.API)
        if request.method == "OPTIONS":
            return cors.answer_preflight(request, await self._settings(scope, request))
        who = await self._identify(scope, request)
        path = request.path[len(scope.get("root_path", "")) :]
        request = dialect.as_s3(request)
        incoming = Incoming(receive, self._patience)
        bucket, object_key = self._resource(request, path)
        content = Content(request, incoming, who.signature, who.key)
        call = Call(who.bearer, self._parts, request, bucket, object_key, query, content, self._find)
        answer = _answer_of(call)
        if request.method not in ("PUT", "POST"):
            return await in_thread(partial(_told, answer, call), Kind.BRIEF if answer in _BRIEF else Kind.LASTING)
        if waiting and answer in _TAKES_BYTES:
            await in_thread(partial(_told, _may_write, call))  # before a client is told to send its body
        await incoming.begin()
        try:
            return await in_thread(partial(_told, answer, call), _kind(answer, incoming))
        finally:
            incoming.end()

    async def _identify(self, scope: Scope, request: Signed) -> Identified:
        """Who sends the request, their signature found right, and the key that chunks of its body are signed with."""
        try:
            older = read_signature_v2(request)
            if older is not None:
                bearer = await self._bearer(older.access_key)
                verify_v2(request, older, bearer.secret, self._now())
                return Identified(bearer)
            signature = signing.read_signature(request)
            if signature is not None:
                bearer = await self._bearer(signature.access_key)
                signing.verify(request, signature, bearer.secret, self._now())
                return Identified(bearer, signature, signing.signing_key(bearer.secret, signature.scope))
        except SigningError as error:
            raise S3Error(error.code, error.message) from error
        unsigned = await in_thread(partial(self._unsigned, scope)) if self._unsigned else None
        if unsigned is None:
            raise S3Error("AccessDenied", "The request is not signed. Sign it with an access key.")
        return Identified(unsigned)

    async def _settings(self, scope: Scope, request: Signed) -> Mapping[str, str]:
        """What the bucket of a request says of itself; pages of other places ask without a signature."""
        path = request.path[len(scope.get("root_path", "")) :]
        bucket, _ = self._resource(request, path)
        return await in_thread(partial(self._read_settings, scope, bucket)) if bucket else {}

    def _read_settings(self, scope: Scope, bucket: str) -> Mapping[str, str]:
        bearer = self._unsigned(scope) if self._unsigned else None
        try:
            return bearer.grants.right(bucket).settings if bearer and bearer.grants else {}
        except MaquetteError as error:
            raise (error_of(error) or S3Error("InternalError", error.message)) from error

    async def _bearer(self, access_key: str) -> Bearer:
        until, known = self._known.get(access_key, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        bearer = await in_thread(partial(self._find, access_key))
        if bearer is None:
            raise SigningError("InvalidAccessKeyId", f"The access key '{access_key}' is not known here.")
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[access_key] = (time.monotonic() + REMEMBERED_SECONDS, bearer)
        return bearer

    def _resource(self, request: Signed, path: str) -> tuple[str, str]:
        """Bucket and key: from the path, or the bucket from the host's name."""
        try:
            text = unquote(path, errors="strict").removeprefix("/")
        except UnicodeDecodeError:
            raise S3Error("InvalidURI", "The path is not UTF-8.") from None
        host = (request.header("host") or "").rpartition(":")[0] or request.header("host") or ""
        if host.endswith("." + self._host):
            return host.removesuffix("." + self._host), text
        bucket, _, key = text.partition("/")
        return bucket, key


def _kind(answer: Answer, incoming: Incoming) -> Kind:
    """How long an answer takes to a request that has a body."""
    if incoming.more:
        return Kind.ARRIVING
    if answer not in _BRIEF:
        return Kind.LASTING
    return Kind.BRIEF if incoming.at_hand <= MOST_BRIEF_BYTES else Kind.SHORT


def _speaks_obs(request: Signed) -> bool:
    return (request.header("authorization") or "").startswith("OBS ") or any(
        name.startswith(dialect.THEIRS) for name in request.values
    )


def _signed(scope: Scope) -> Signed:
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")) for name, value in scope["headers"]
    )
    path = scope["raw_path"].decode("utf-8", "surrogateescape")
    return Signed(scope["method"], path, scope["query_string"].decode("utf-8", "surrogateescape"), headers)


def _answer_of(call: Call) -> Answer:
    """The function that answers this call; S3Error where there is none."""
    table = _OBJECT if call.key else _BUCKET if call.bucket else _SERVICE
    subresource = next((name for name in _SUBRESOURCES if name in call.query), "") if call.query else ""
    method = call.request.method
    name = subresource
    if method == "PUT" and call.header("x-amz-copy-source") is not None:
        name = f"{subresource} copy".strip()
    if (method, name) in table:
        return table[method, name]
    if method == "GET" and not call.key and subresource in {*settings.ABSENT, *settings.EMPTY}:
        return partial(settings.read_absent, name=subresource)
    if method == "DELETE" and not call.key and subresource in settings.ABSENT:
        return settings.remove_absent
    if subresource:
        raise S3Error("NotImplemented", f"{method} ?{subresource} is not a call of this store.")
    raise S3Error("MethodNotAllowed", f"{method} is not allowed here.")


def _may_write(call: Call) -> Response:
    if call.bearer.grants:
        call.bearer.grants.check(call.bucket, Action.PUT, call.key)
    else:
        check_bucket(call)
    return Response(None, 200)


def _told(answer: Answer, call: Call) -> Response:
    """The answer, or our errors in S3's words."""
    try:
        check_expected_owner(call)
        return answer(call)
    except (MaquetteError, OSError) as error:
        told = error_of(error)
        if told is None:
            log.exception("%s %s failed", call.request.method, call.request.path)
            told = S3Error("InternalError", f"Something went wrong here: {error}")
        raise told from error


def _error_answer(request: Signed, error: S3Error, request_id: str) -> Response:
    if request.method == "HEAD" or error.status == 304:
        # No document here, so the headers say it: TensorFlow prints them into the log of the run.
        told = {"x-amz-error-code": error.code, "x-amz-error-message": header_text(error.message)}
        return Response(None, error.status, {**error.headers, **told})
    return error_document(error, request.path, request_id)
