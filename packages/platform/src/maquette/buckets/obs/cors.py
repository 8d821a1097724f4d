"""Which pages of other places may use a bucket from a browser: the rules as they are kept, and what browsers hear."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error, Xml, document, tag
from maquette.buckets.obs.call import Call, whole_number
from maquette.buckets.obs.policies import keep, own_right
from maquette.buckets.obs.settings import absent
from maquette.web.signing import Signed

CORS = "cors"
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
MOST_RULES = 100
_ASKED = "access-control-request-method"


@dataclass(frozen=True)
class Rule:
    """One rule; origins and headers may hold a `*` each."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    seconds: int | None = None
    id: str = ""

    def allows(self, origin: str, method: str, headers: list[str]) -> bool:
        return (
            method in self.methods
            and any(_fits(origin, one) for one in self.origins)
            and all(any(_fits(header, one.lower()) for one in self.headers) for header in headers)
        )

    def told(self, origin: str, headers: list[str]) -> dict[str, str]:
        """What a browser hears of it. Nobody's sign-in goes along: that would need another header."""
        said = {
            "access-control-allow-origin": "*" if "*" in self.origins else origin,
            "access-control-allow-methods": ", ".join(self.methods),
            "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        }
        if headers:
            said["access-control-allow-headers"] = ", ".join(headers)
        if self.exposed:
            said["access-control-expose-headers"] = ", ".join(self.exposed)
        if self.seconds is not None:
            said["access-control-max-age"] = str(self.seconds)
        return said


def read_rules(call: Call) -> Response:
    right = own_right(call)
    if right is None or CORS not in right.settings:
        raise absent(call, CORS)
    return document("CORSConfiguration", *(_element(rule) for rule in rules_of(right.settings)))


def write_rules(call: Call) -> Response:
    own_right(call, change=True)
    root = call.xml()
    rules = [_rule(one) for one in root.findall("CORSRule")]
    if root.tag != "CORSConfiguration" or not 1 <= len(rules) <= MOST_RULES:
        raise S3Error("MalformedXML", f"The body must be a CORSConfiguration of 1 to {MOST_RULES} rules.")
    keep(call, CORS, json.dumps([asdict(rule) for rule in rules]))
    return Response(None, 200)


def remove_rules(call: Call) -> Response:
    own_right(call, change=True)
    keep(call, CORS, None)
    return Response(None, 204)


def rules_of(settings: Mapping[str, str]) -> list[Rule]:
    return [
        Rule(
            tuple(one["origins"]), tuple(one["methods"]), tuple(one["headers"]), tuple(one["exposed"]),
            one["seconds"], one["id"],
        )
        for one in json.loads(settings.get(CORS, "[]"))
    ]  # fmt: skip


def answer_preflight(request: Signed, settings: Mapping[str, str]) -> Response:
    """What a browser asks before a page's own request; nobody signs it."""
    origin, method = request.header("origin"), request.header(_ASKED)
    if not origin or not method:
        raise S3Error("BadRequest", "Say Origin and Access-Control-Request-Method: this is a question about a request.")
    headers = _asked_headers(request)
    for rule in rules_of(settings):
        if rule.allows(origin, method, headers):
            return Response(None, 200, rule.told(origin, headers))
    raise S3Error("AccessForbidden", "No CORS rule of the bucket allows this request.")


def told_to_page(request: Signed, settings: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer to a page of `Origin`; none where no rule is about it."""
    origin, method = request.header("origin") or "", request.header(_ASKED) or request.method
    rules = (rule for rule in rules_of(settings) if rule.allows(origin, method, []))
    return next((rule.told(origin, []) for rule in rules), {})


def _asked_headers(request: Signed) -> list[str]:
    text = request.header("access-control-request-headers") or ""
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def _rule(one: ElementTree.Element) -> Rule:
    def texts(name: str) -> Iterator[str]:
        return ((element.text or "").strip() for element in one.findall(name))

    rule = Rule(
        tuple(texts("AllowedOrigin")), tuple(texts("AllowedMethod")), tuple(texts("AllowedHeader")),
        tuple(texts("ExposeHeader")), _seconds(one), one.findtext("ID") or "",
    )  # fmt: skip
    if not rule.origins or not rule.methods:
        raise S3Error("MalformedXML", "A CORS rule must have an AllowedOrigin and an AllowedMethod.")
    for method in rule.methods:
        if method not in METHODS:
            raise S3Error("InvalidRequest", f"'{method[:40]}' is no AllowedMethod. These are: {', '.join(METHODS)}.")
    for pattern in (*rule.origins, *rule.headers):
        if pattern.count("*") > 1:
            raise S3Error("InvalidRequest", f"'{pattern[:80]}' may hold one * at most.")
    return rule


def _seconds(one: ElementTree.Element) -> int | None:
    text = one.findtext("MaxAgeSeconds")
    seconds = whole_number(text.strip()) if text else None
    if text and seconds is None:
        raise S3Error("MalformedXML", "MaxAgeSeconds must be a number.")
    return seconds


def _element(rule: Rule) -> Xml:
    lists = (
        ("AllowedMethod", rule.methods), ("AllowedOrigin", rule.origins), ("AllowedHeader", rule.headers),
        ("ExposeHeader", rule.exposed),
    )  # fmt: skip
    return tag(
        "CORSRule",
        *([tag("ID", rule.id)] if rule.id else []),
        *(tag(name, value) for name, values in lists for value in values),
        *([tag("MaxAgeSeconds", rule.seconds)] if rule.seconds is not None else []),
    )


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
