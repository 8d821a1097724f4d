"""The demo's bucket, by the protocol of AWS S3: with boto3 where it is installed, else with Maquette's own client."""

from __future__ import annotations

import importlib
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from maquette.kernel.errors import MaquetteError
from maquette.kernel.ports import RemoteStore

AT_ONCE = 8
PAGE = 1000
OCTETS = "binary/octet-stream"
REGION = "us-east-1"


class Buckets(Protocol):
    """What a client of the protocol is called, and what is needed of it."""

    told: str

    def names(self) -> list[str]: ...
    def make(self, bucket: str) -> None: ...
    def put(self, bucket: str, key: str, path: Path) -> None: ...
    def read(self, bucket: str, key: str) -> bytes: ...

    def remove(self, bucket: str) -> None:
        """With all that is in it."""


def buckets_at(store_url: str, access: str, secret: str, remote_store: Callable[..., RemoteStore]) -> Buckets:
    try:
        return Boto3(store_url, access, secret)
    except ImportError:
        return OwnBuckets(remote_store(store_url, access, secret))


def upload(buckets: Buckets, bucket: str, folders: Mapping[str, Path]) -> tuple[int, int]:
    """Every folder goes below its prefix, several files at a time; how many files, and their bytes."""
    files = [
        (prefix + path.relative_to(folder).as_posix(), path)
        for prefix, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda file: buckets.put(bucket, *file), files))
    return len(files), sum(path.stat().st_size for _, path in files)


class Boto3:
    """AWS' own client for Python. Raises ImportError where it is not installed."""

    def __init__(self, store_url: str, access: str, secret: str) -> None:
        boto3: Any = importlib.import_module("boto3")
        config: Any = importlib.import_module("botocore.config").Config
        errors: Any = importlib.import_module("botocore.exceptions")
        self.told = f"boto3 {boto3.__version__}"
        self.errors = (errors.BotoCoreError, errors.ClientError)
        with self.asked():
            self.client = boto3.client(
                "s3", endpoint_url=store_url, region_name=REGION, aws_access_key_id=access,
                aws_secret_access_key=secret,
                config=config(max_pool_connections=AT_ONCE, s3={"addressing_style": "path"}),
            )  # fmt: skip

    @contextmanager
    def asked(self) -> Iterator[None]:
        try:
            yield
        except self.errors as error:
            raise MaquetteError(f"The bucket is not to be had by {self.told}: {error}") from error

    def names(self) -> list[str]:
        with self.asked():
            return [one["Name"] for one in self.client.list_buckets()["Buckets"]]

    def make(self, bucket: str) -> None:
        with self.asked():
            self.client.create_bucket(Bucket=bucket)

    def put(self, bucket: str, key: str, path: Path) -> None:
        with self.asked():
            self.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=kind_of(path))

    def read(self, bucket: str, key: str) -> bytes:
        with self.asked():
            return bytes(self.client.get_object(Bucket=bucket, Key=key)["Body"].read())

    def remove(self, bucket: str) -> None:
        with self.asked():
            while page := self.client.list_objects_v2(Bucket=bucket).get("Contents"):
                keys = [{"Key": one["Key"]} for one in page]
                failed = self.client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
                if failed.get("Errors"):
                    raise MaquetteError(f"The bucket '{bucket}' cannot be emptied: {failed['Errors'][0]['Message']}")
            self.client.delete_bucket(Bucket=bucket)


class OwnBuckets:
    """The client that `maquette cp` has."""

    told = "Maquette's S3 client"

    def __init__(self, store: RemoteStore) -> None:
        self.store = store

    def names(self) -> list[str]:
        return list(self.store.buckets())

    def make(self, bucket: str) -> None:
        self.store.make_bucket(bucket)

    def put(self, bucket: str, key: str, path: Path) -> None:
        self.store.send_file(bucket, key, path, kind_of(path), lambda size: None)

    def read(self, bucket: str, key: str) -> bytes:
        _, file = self.store.open(bucket, key)
        with file:
            return file.read()

    def remove(self, bucket: str) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while page := self.store.list(bucket, limit=PAGE).objects:
                list(pool.map(lambda one: self.store.delete(bucket, one.key), page))
        self.store.remove_bucket(bucket)


def kind_of(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or OCTETS
