"""What every store does alike."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette.drivers.stores.local import LocalStore
from maquette.drivers.stores.memory import MemoryStore
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound

Store = LocalStore | MemoryStore

KEYS = ["a", "a/b", "a/", "..", "x//y", "/a", "é", "图/猫.jpg", "A", "a/B", "x" * 1024, "line\nend", ".maquette/keys/1"]


def keys(store: Store, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> list[str]:
    page = store.list("pets", prefix, delimiter, after, limit)
    return sorted([info.key for info in page.objects] + list(page.prefixes))


def read(store: Store, key: str) -> bytes:
    _, file = store.open("pets", key)
    with file:
        return file.read()


@pytest.mark.parametrize("key", KEYS)
def test_what_was_put_is_read_back_whole(store: Store, key: str) -> None:
    told = store.put("pets", key, [b"one", b"", b"two"], "text/plain", {"color": "röd", "http:expires": "never"})
    assert (told.key, told.size, told.etag) == (key, 6, md5(b"onetwo").hexdigest())
    assert (told.content_type, told.metadata) == ("text/plain", {"color": "röd", "http:expires": "never"})
    assert abs(told.modified - time.time()) < 60
    assert store.head("pets", key) == told
    assert store.list("pets").objects == (told,)
    info, file = store.open("pets", key)
    with file:
        assert (info, file.read()) == (told, b"onetwo")
        file.seek(4)
        assert file.read() == b"wo"


def test_many_odd_and_plain_keys_live_side_by_side(store: Store) -> None:
    for number, key in enumerate(KEYS):
        store.put("pets", key, [str(number).encode()])
    assert [info.key for info in store.list("pets").objects] == sorted(KEYS)
    assert [read(store, key) for key in KEYS] == [str(number).encode() for number in range(len(KEYS))]
    for key in KEYS:
        store.delete("pets", key)
    assert store.list("pets").objects == ()


def test_a_put_takes_the_place_of_what_was_there_and_a_reader_keeps_what_it_opened(store: Store) -> None:
    store.put("pets", "a", [b"old"], "text/plain", {"x": "1"})
    _, file = store.open("pets", "a")
    store.put("pets", "a", [b"newer"])
    with file:
        assert file.read() == b"old"
    assert read(store, "a") == b"newer"
    assert store.head("pets", "a").metadata == {} and store.head("pets", "a").content_type == "binary/octet-stream"


def test_an_object_that_is_not_finished_is_never_seen(store: Store) -> None:
    store.put("pets", "a", [b"old"])

    def chunks() -> Iterator[bytes]:
        yield b"new"
        assert read(store, "a") == b"old" and keys(store) == ["a"]
        raise ConnectionResetError("the client has gone")

    for key in ("a", "b/c"):
        with pytest.raises(ConnectionResetError):
            store.put("pets", key, chunks())
    assert keys(store) == ["a"] and read(store, "a") == b"old"


def test_an_etag_may_be_given(store: Store) -> None:
    assert store.put("pets", "a", [b"x"], etag="0123-2").etag == "0123-2" == store.head("pets", "a").etag


def test_a_copy_has_the_bytes_and_all_that_is_known_of_them(store: Store) -> None:
    store.make_bucket("other")
    first = store.put("pets", "a/b", [b"x" * 100_000], "image/png", {"n": "1"})
    for target in (("pets", "a"), ("other", "a/b"), ("pets", "a/b")):
        told = store.copy(("pets", "a/b"), target)
        assert (told.size, told.etag, told.content_type, told.metadata) == (
            first.size,
            first.etag,
            "image/png",
            {"n": "1"},
        )
        assert store.head(*target) == told


def test_of_an_object_other_things_may_be_said_later_on(store: Store) -> None:
    for metadata in ({}, {"a": "b"}):
        before = store.put("pets", "x//y", [b"one"], "image/png", metadata)
        store.describe("pets", "x//y", lambda known: {**known, "c": "ö" * 5000})
        store.describe("pets", "x//y", lambda known: {**known, "c": "d"})
        info, file = store.open("pets", "x//y")
        with file:
            assert (info, file.read()) == (replace(before, metadata={**metadata, "c": "d"}), b"one")
        assert store.list("pets").objects == (info,)
        store.describe("pets", "x//y", dict, "text/plain")
        assert store.head("pets", "x//y") == replace(info, content_type="text/plain")
    with pytest.raises(NotFound, match="has no object 'missing'"):
        store.describe("pets", "missing", dict)


def test_what_is_said_of_an_object_may_be_found_while_its_bytes_come(store: Store) -> None:
    said: dict[str, str] = {}

    def chunks() -> Iterator[bytes]:
        yield b"one"
        said["found"] = "3"

    assert store.put("pets", "x", chunks(), metadata=said).metadata == {"found": "3"}
    assert store.head("pets", "x").metadata == {"found": "3"}


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put("pets", "dir/", [])
    store.copy(("pets", "dir/"), ("pets", "empty"))
    assert [(info.key, info.size) for info in store.list("pets").objects] == [("dir/", 0), ("empty", 0)]


def test_a_missing_key_is_told_with_the_command_that_lists(store: Store) -> None:
    told = r"no object 'train/x.jpg'.*`maquette ls obs://pets/train/`"
    with pytest.raises(NotFound, match=told):
        store.head("pets", "train/x.jpg")
    with pytest.raises(NotFound, match=told):
        store.open("pets", "train/x.jpg")
    with pytest.raises(NotFound):
        store.copy(("pets", "x"), ("pets", "y"))
    store.delete("pets", "x")


def test_a_missing_bucket_is_told_with_the_command_that_makes_it(store: Store) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.head("share-course", "x"),
        lambda: store.open("share-course", "x"),
        lambda: store.put("share-course", "x", []),
        lambda: store.delete("share-course", "x"),
        lambda: store.list("share-course"),
        lambda: store.commit("share-course", []),
        lambda: store.remove_bucket("share-course"),
        lambda: store.made_at("share-course"),
        lambda: store.copy(("share-course", "x"), ("pets", "x")),
    ]
    for call in calls:
        with pytest.raises(NotFound) as told:
            call()
        assert told.value.message == (
            "Bucket 'share-course' does not exist here. Make it with `maquette mb obs://share-course`, or let a "
            "folder stand for it: `maquette run … --bucket share-course=DIR`."
        )


@pytest.mark.parametrize("name", ["", "..", "a/b", "UPPER", "x", ".maquette", "10.0.0.1"])
def test_a_name_that_no_bucket_can_have_is_refused(store: Store, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a bucket's name"):
        store.make_bucket(name)
    with pytest.raises(BadInput):
        store.head(name, "x")


@pytest.mark.parametrize("key", ["", "x" * 1025, "\udcff"])
def test_a_key_that_no_store_can_hold_is_refused(store: Store, key: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.put("pets", key, []),
        lambda: store.head("pets", key),
        lambda: store.delete("pets", key),
    ]
    for call in calls:
        with pytest.raises(BadInput, match="key"):
            call()


def test_buckets_are_made_once_listed_and_removed_when_empty(store: Store) -> None:
    store.make_bucket("aaa")
    with pytest.raises(Conflict, match="exists already"):
        store.make_bucket("aaa")
    assert list(store.buckets()) == ["aaa", "pets"] and store.has_bucket("aaa")
    assert abs(store.made_at("aaa") - time.time()) < 60
    store.put("aaa", "x//y", [])
    with pytest.raises(Conflict, match=r"`maquette rm -r obs://aaa/`"):
        store.remove_bucket("aaa")
    store.delete("aaa", "x//y")
    store.remove_bucket("aaa")
    assert list(store.buckets()) == ["pets"] and not store.has_bucket("aaa")


def test_pages_go_through_objects_and_prefixes_and_say_when_there_is_more(store: Store) -> None:
    names = ["a", "b/1", "b/2", "c", "d//x", "d/1", "e"]
    for key in names:
        store.put("pets", key, [])
    for size in range(1, 8):
        for delimiter, all_of_it in (("", names), ("/", ["a", "b/", "c", "d/", "e"])):
            seen: list[str] = []
            after: str | None = ""
            while after is not None:
                page = store.list("pets", "", delimiter, after, size)
                seen += keys(store, "", delimiter, after, size)
                after = page.next
            assert seen == all_of_it
    assert store.list("pets", limit=0).next is None


def test_files_of_a_staging_folder_become_objects(store: Store, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "1").write_bytes(b"one")
    (tmp_path / "sub" / "2").write_bytes(b"two")
    store.commit("pets", [(tmp_path / "1", "a/b"), (tmp_path / "sub" / "2", "a")])
    assert (read(store, "a/b"), read(store, "a")) == (b"one", b"two")
    assert not (tmp_path / "1").exists() and not (tmp_path / "sub" / "2").exists()
    with pytest.raises(NotFound, match="no file '1' in the staging folder"):
        store.commit("pets", [(tmp_path / "1", "c")])


def refused(path: Path, kind: str) -> Path:
    """A path that an untrusted run might hand over in the hope of something else."""
    secret = path / "secret"
    secret.write_text("secret")
    staging = path / "staging"
    staging.mkdir()
    match kind:
        case "link":
            (staging / "x").symlink_to(secret)
        case "hard link":
            os.link(secret, staging / "x")
        case "folder":
            (staging / "x").mkdir()
        case "pipe":
            os.mkfifo(staging / "x")
        case "linked folder":
            (staging / "way").symlink_to(path)
            return staging / "way" / "secret"
        case "up":
            return staging / ".." / "secret"
        case "relative":
            return Path("secret")
    return staging / "x"


@pytest.mark.parametrize("kind", ["link", "hard link", "folder", "pipe", "linked folder", "up", "relative"])
def test_only_plain_files_of_the_staging_folder_itself_are_taken(store: Store, tmp_path: Path, kind: str) -> None:
    path = refused(tmp_path, kind)
    with pytest.raises(BadInput):
        store.commit("pets", [(path, "stolen")])
    assert (tmp_path / "secret").read_text() == "secret"
    assert store.list("pets").objects == ()


def test_threads_that_write_the_same_keys_leave_one_whole_object_of_each(store: Store) -> None:
    names = ["a", "a/b", "a/b/c", "d/e/f", "x//y"]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        data = bytes([number]) * 5000
        try:
            for round_ in range(6):
                key = names[(number + round_) % len(names)]
                store.put("pets", key, [data, data])
                if round_ % 3 == 2:
                    store.delete("pets", names[number % len(names)])
                try:
                    found = read(store, key)
                except NotFound:
                    continue
                assert len(found) == 10_000 and len(set(found)) == 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for key in names:
        store.put("pets", key, [b"end"])
    assert [info.key for info in store.list("pets").objects] == sorted(names)


def test_threads_that_write_different_keys_of_one_folder_all_succeed(store: Store) -> None:
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda number: store.put("pets", f"deep/er/{number % 7}/{number}", [b"x"]), range(320)))
        assert len(store.list("pets").objects) == 320
        list(pool.map(lambda number: store.delete("pets", f"deep/er/{number % 7}/{number}"), range(320)))
    assert store.list("pets", "", "/").prefixes == ()


SEGMENTS = st.sampled_from(
    ["a", "b", "A", "é", "..", ".", "", "a b", "c.txt", ".maquette", "%2F", "\n", "x" * 256, "𝒳"]
)
ANY_KEY = st.one_of(
    st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(bool),
    st.text(min_size=1, max_size=20).filter(lambda key: key.isprintable()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["put", "put", "delete", "copy"]), ANY_KEY, ANY_KEY), max_size=25),
    prefix=ANY_KEY,
    after=ANY_KEY,
)
def test_a_store_is_a_dictionary_of_keys_in_byte_order(
    store: Store, steps: list[tuple[str, str, str]], prefix: str, after: str
) -> None:
    for info in store.list("pets").objects:
        store.delete("pets", info.key)
    model: dict[str, bytes] = {}
    for number, (verb, key, other) in enumerate(steps):
        if verb == "put":
            model[key] = str(number).encode()
            store.put("pets", key, [model[key]])
        elif verb == "delete":
            model.pop(key, None)
            store.delete("pets", key)
        elif key in model:
            model[other] = model[key]
            store.copy(("pets", key), ("pets", other))
    assert [(info.key, read(store, info.key)) for info in store.list("pets").objects] == sorted(model.items())
    for prefix_ in ("", prefix, prefix[:1], prefix + "/"):
        for after_ in ("", after, prefix_):
            found = [info.key for info in store.list("pets", prefix_, "", after_).objects]
            assert found == [key for key in sorted(model) if key.startswith(prefix_) and key > after_]
            assert keys(store, prefix_, "/", after_) == rolled(model, prefix_, after_)


def rolled(model: dict[str, bytes], prefix: str, after: str) -> list[str]:
    names = set()
    for key in model:
        if key.startswith(prefix) and key > after:
            cut = key.find("/", len(prefix))
            names.add(key if cut < 0 else key[: cut + 1])
    return sorted(names - {after})


def test_errors_are_sentences(store: Store) -> None:
    for call in (lambda: store.head("pets", "x"), lambda: store.head("nope", "x"), lambda: store.make_bucket("X")):
        with pytest.raises(MaquetteError) as told:
            call()
        assert told.value.message.endswith(".")


@pytest.fixture(params=["beside", "on another file system"])
def complete(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file that is to become an object."""
    place = tmp_path if request.param == "beside" else "/dev/shm"
    with TemporaryDirectory(dir=place) as folder:
        path = Path(folder, "complete")
        path.write_bytes(b"whole")
        yield path


def test_a_complete_file_becomes_an_object(store: LocalStore | MemoryStore, complete: Path) -> None:
    store.put("pets", "a/b", [b"old"])
    for _ in range(2):  # the second time nobody has heard of the first
        info = store.adopt("pets", "a/b", complete, "text/x", {"color": "red"}, "0" * 32 + "-2")
        assert (info.size, info.etag, info.content_type) == (5, "0" * 32 + "-2", "text/x")
        assert store.head("pets", "a/b") == replace(info, modified=store.head("pets", "a/b").modified)
    with pytest.raises(NotFound):
        store.adopt("none", "a", complete, "text/x", {}, "e")
    complete.unlink()
    with store.open("pets", "a/b")[1] as file:
        assert file.read() == b"whole"
