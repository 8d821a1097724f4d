"""What a batch writes: results and manifests in the bucket, and the answers of a csv that is not through yet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.ports import ObjectStore
from maquette.services.batch_book import Book, Input, Outcome
from maquette.services.batch_inputs import MANIFEST_NAME, RESULTS
from maquette.services.batches import InputState, batch_of
from maquette.services.deployment import Service
from maquette.services.table import service_inputs
from maquette_sdk.sentences import as_json, read

KEPT_FAILURES = 20
"""So many rows of a csv are told with their reasons; the others are counted."""
REASON_CHARACTERS = 400
SHOWN_CHARACTERS = 2000
"""So much of a result is shown before one opens it."""
TEXT = "text/plain; charset=utf-8"
OF_BATCH, OF_INSTANCE = "maquette-batch", "maquette-instance"
"""With these an object tells which batch has made it in which round, and which instance."""


@dataclass(frozen=True)
class Answer:
    """What a call brought; `status` is 0 where none could be made. `why` says why no instance has answered."""

    status: int
    body: bytes
    instance: int = 0
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def reason(self) -> str:
        if self.why:
            return self.why if len(self.why) <= REASON_CHARACTERS else self.why[:REASON_CHARACTERS]
        text = self.body[: 4 * REASON_CHARACTERS].decode("utf-8", "replace")[:REASON_CHARACTERS]
        return f"answer {self.status}: {text}" if self.status else text

    def failure(self, row: int | None = None) -> dict[str, Any]:
        return {"row": row, "status": self.status, "reason": as_json(self.reason)}


def own(status: int, why: str, instance: int = 0) -> Answer:
    """What is said where no instance has answered."""
    return Answer(status, why.encode("utf-8", "replace"), instance, why)


@dataclass
class Results:
    """The output of a batch in one round."""

    store: ObjectStore
    folder: Address
    book: Book

    @property
    def mark(self) -> str:
        return f"{self.book.service.id}/{self.book.round}"

    def place_of(self, one: Input) -> Address:
        return result_of(self.folder, one.name)

    def put(self, one: Input, pieces: Iterator[bytes], instance: int) -> None:
        """A result appears whole or not at all."""
        place = self.place_of(one)
        marks = {OF_BATCH: self.mark, OF_INSTANCE: str(instance)}
        self.store.put(place.bucket, place.key, pieces, TEXT, marks)

    def found(self, one: Input) -> int | None:
        """The instance that has made the result in this very round: what was written, and not written down."""
        marks = self.marks_of(self.place_of(one))
        return int(marks.get(OF_INSTANCE, "0")) if marks.get(OF_BATCH) == self.mark else None

    def forget(self, one: Input) -> None:
        """What an earlier round has left is no result of an input that has failed in this."""
        place = self.place_of(one)
        if self.is_own(self.marks_of(place)):
            self.store.delete(place.bucket, place.key)

    def write_manifests(self, instances: int) -> None:
        """One of each instance, and none of instances that there were in an earlier round."""
        for number in range(instances):
            place = self.folder.below(f"infer-result-{number}.manifest")
            self.store.put(place.bucket, place.key, self.lines(number), TEXT, {OF_BATCH: self.mark})
        written = {f"infer-result-{number}.manifest" for number in range(instances)}
        prefix = self.folder.key + "infer-result-"
        for info in self.store.list(self.folder.bucket, prefix, "/").objects:
            name = info.key.removeprefix(self.folder.key)
            old = MANIFEST_NAME.fullmatch(name) and name not in written
            if old and self.is_own(self.marks_of(Address(self.folder.bucket, info.key))):
                self.store.delete(self.folder.bucket, info.key)

    def lines(self, instance: int) -> Iterator[bytes]:
        for row in self.book.settled_of(instance):
            told: dict[str, str] = {"source": row.source}
            if row.state == InputState.DONE:
                told |= {"result": "SUCCESSFUL"}
                told |= {"inference-loc": str(self.place_of(Input(row.number, row.source, row.name)))}
            else:
                told |= {"result": "FAILED"}
            if row.failed_requests:
                told["error_message"] = message_of(row)
            yield json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    def is_own(self, marks: dict[str, str]) -> bool:
        return marks.get(OF_BATCH, "").startswith(f"{self.book.service.id}/")

    def marks_of(self, place: Address) -> dict[str, str]:
        try:
            return dict(self.store.head(place.bucket, place.key).metadata)
        except NotFound:
            return {}


def message_of(row: Any) -> str:
    first = row.failures[0]
    if first["row"] is None:
        return str(read(first["reason"]))
    return f"{row.failed_requests} of {row.requests} rows failed; row {first['row']}: {read(first['reason'])}"


# ── looked at ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Result:
    """What came out of an input: where it lies, how large it is and how it begins. None is known of what is not there
    any more."""

    source: str
    place: Address
    size: int | None = None
    text: str | None = None


def results(ctx: Platform, service: Service, offset: int = 0, limit: int = 20) -> tuple[list[Result], int]:
    """A page of what has come out, in the order of the inputs; and how many there are."""
    mine = (service_inputs.c.service_id == service.id) & (service_inputs.c.state == InputState.DONE)
    page = select(service_inputs).where(mine).order_by(service_inputs.c.number).offset(offset).limit(limit)
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(service_inputs).where(mine)).scalar_one()
        found = rows.execute(page).all()
    store, folder = store_of_workspace(ctx, service.workspace_id), batch_of(service).results
    return [beginning(store, row.source, result_of(folder, row.name)) for row in found], total


def result_of(folder: Address, name: str) -> Address:
    return folder.below(f"{RESULTS}{name}_result.txt")


def beginning(store: ObjectStore, source: str, place: Address) -> Result:
    try:
        info, stream = store.open(place.bucket, place.key)
    except NotFound:
        return Result(source, place)
    with closing(stream):
        text = stream.read(4 * SHOWN_CHARACTERS).decode("utf-8", "replace")[:SHOWN_CHARACTERS]
    return Result(source, place, info.size, text)


# ── the answers of a csv ─────────────────────────────────────────────────────────────────────────


def folder_of(ctx: Platform, service_id: str) -> Path:
    return ctx.settings.home.cache / "batches" / service_id


def forget_answers(ctx: Platform, service_id: str) -> None:
    shutil.rmtree(folder_of(ctx, service_id), ignore_errors=True)


class Answers:
    """The answers to the rows of a csv so far, in the order of the rows: a file that outlives its worker, and of which
    the part that a dying worker has written halfway is forgotten. It is of use for the same file in the same round."""

    def __init__(self, path: Path, of: str) -> None:
        self.path = path
        self.of = of
        self.count = 0
        self.failed = 0
        self.failures: list[dict[str, Any]] = []
        self.instance = 0
        self.file: BinaryIO | None = None

    def open(self) -> None:
        """Reads what is there of these rows, and goes on behind it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = 0
        if self.path.exists():
            with self.path.open("rb") as kept:
                header = kept.readline()
                if header == self.header:
                    whole = len(header) + sum(self.read(line) for line in kept if line.endswith(b"\n"))
        self.file = self.path.open("r+b" if whole else "wb", buffering=0)
        if whole:
            self.file.truncate(whole)
            self.file.seek(0, os.SEEK_END)
        else:
            self.file.write(self.header)

    @property
    def header(self) -> bytes:
        return json.dumps({"of": self.of}).encode() + b"\n"

    def read(self, line: bytes) -> int:
        status, body, instance, *why = json.loads(line)
        self.note(Answer(status, body.encode("utf-8", "surrogatepass"), instance, read(why[0] if why else "")))
        return len(line)

    def add(self, answer: Answer) -> None:
        assert self.file is not None
        text = answer.body.decode("utf-8", "replace")
        why = [as_json(answer.why)] if answer.why else []
        self.file.write(json.dumps([answer.status, text, answer.instance, *why]).encode() + b"\n")
        self.note(answer)

    def note(self, answer: Answer) -> None:
        self.count += 1
        self.failed += not answer.ok
        self.instance = answer.instance
        if not answer.ok and len(self.failures) < KEPT_FAILURES:
            self.failures.append(answer.failure(self.count))

    def lines(self) -> Iterator[bytes]:
        """The result: an answer a line, those of rows that failed too, so that a row is found by its number."""
        with self.path.open("rb") as kept:
            kept.readline()
            for line in kept:
                status, body, *_ = json.loads(line)
                yield (one_line(body) if status else json.dumps({"error_msg": body})).encode() + b"\n"

    def outcome(self, one: Input) -> Outcome:
        state = InputState.FAILED if self.count and self.failed == self.count else InputState.DONE
        return Outcome(one.number, state, self.instance, self.count, self.failed, tuple(self.failures))

    def close(self) -> None:
        if self.file is not None:
            self.file.close()

    def discard(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)


def one_line(body: str) -> str:
    """An answer that is spread over lines, as one."""
    if "\n" not in body and "\r" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return json.dumps(body, ensure_ascii=False)
