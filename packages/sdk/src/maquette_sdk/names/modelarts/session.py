"""`Session()` of the ModelArts SDK: files between buckets and this machine, and the way to a server.

session = Session()
session.obs.upload_file("model.pth", "obs://pets/output/")
session.obs.download_dir("obs://pets/train/", "/cache/")     # makes /cache/train/

In a run, files go through the run's own buckets. Elsewhere the session speaks to the server that `maquette login`,
MAQUETTE_URL or `Session.set_endpoint` names; without one, files are those of MAQUETTE_HOME.
"""

from __future__ import annotations

import os
from typing import Any, List, Optional, Union

from .not_here import refuse
from .remote_files import RemoteFiles
from .service import ALONE, LOST, Proof, Service, find_service, in_a_run


class Session:
    """Regions are taken and not needed, and in a run neither are keys and names. What it is asked for beyond ModelArts'
    calls about buckets and training refuses."""

    endpoint = ""

    def __init__(
        self,
        access_key: str = "",
        secret_key: str = "",
        project_id: str = "",
        region_name: str = "",
        username: str = "",
        password: str = "",
        account: str = "",
        **options: Any,
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.project_id = project_id
        self.region_name = region_name or os.environ.get("AWS_REGION", "")
        self._proof = Proof(access_key or "", secret_key or "", username or "", password or "")
        self._service: Optional[Service] = None
        self.obs = Buckets(moxing_files() if in_a_run() else self._files())

    @classmethod
    def set_endpoint(
        cls,
        iam_endpoint: str = "",
        obs_endpoint: str = "",
        modelarts_endpoint: str = "",
        region_name: str = "",
        **options: Any,
    ) -> None:
        """Where the sessions made from now on find their server: `modelarts_endpoint`, such as http://127.0.0.1:7788.
        It is also what signs in and what keeps the buckets, so the others are not needed."""
        at = modelarts_endpoint or iam_endpoint
        cls.endpoint = at if "://" in at or not at else "https://" + at

    @property
    def service(self) -> Service:
        """The way to the server. Raises RuntimeError where there is no word of one."""
        if self._service is None:
            self._service = find_service(self.endpoint, self._proof, self.project_id or "")
        if self._service is None:
            raise RuntimeError(ALONE if in_a_run() else LOST)
        return self._service

    def _files(self) -> Any:
        """Those of the server; without one, of the buckets in MAQUETTE_HOME."""
        self._service = find_service(self.endpoint, self._proof, self.project_id or "")
        return RemoteFiles(self._service) if self._service else moxing_files()

    # The calls of SDK 1.0, whose bucket paths are `/bucket/key`.

    def upload_data(self, bucket_path: str, path: Union[str, List[str]]) -> None:
        """A file, a list of files or what is in a folder, into a directory of a bucket."""
        for one in [path] if isinstance(path, (str, os.PathLike)) else path:
            if os.path.isdir(one):
                self.obs.files.copy_parallel(one, _url(bucket_path))
            else:
                self.obs.files.copy(one, _url(bucket_path))

    def download_data(self, bucket_path: str, path: str) -> None:
        """A file to this path, or what is in a directory of a bucket into a folder."""
        url = _url(bucket_path)
        if url.endswith("/") or self.obs.files.is_directory(url):
            self.obs.files.copy_parallel(url, path)
        else:
            self.obs.files.copy(url, path)

    def create_directory(self, bucket: str, directory: str) -> None:
        """A directory in a bucket, with those above it."""
        self.obs.files.make_dirs(_url(bucket.strip("/") + "/" + directory))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ("create_bucket", "delete_bucket"):
            raise RuntimeError(
                "Session.{} is for the owner of the buckets, not for a run. "
                "Make buckets with `maquette mb obs://NAME`.".format(name)
            )
        raise refuse("modelarts.session.Session." + name)


class Buckets:
    """`session.obs`: files and folders between buckets (`obs://bucket/key`) and this machine."""

    def __init__(self, files: Any) -> None:
        self.files = files

    def upload_file(self, src_local_file: str, dst_obs_dir: str) -> None:
        """A file into a directory of a bucket."""
        self.files.copy(src_local_file, _folder(_url(dst_obs_dir)))

    def upload_dir(self, src_local_dir: str, dst_obs_dir: str) -> None:
        """A folder, under its own name, into a directory of a bucket."""
        self.copy(src_local_dir, _folder(_url(dst_obs_dir)))

    def download_file(self, src_obs_file: str, dst_local_dir: str) -> None:
        """A file into a folder; a path that is no folder and does not end with a slash is the file's new name."""
        self.files.copy(_url(src_obs_file), dst_local_dir)

    def download_dir(self, src_obs_dir: str, dst_local_dir: str) -> None:
        """A directory of a bucket, under its own name, into a folder."""
        self.copy(_url(src_obs_dir), dst_local_dir)

    def copy(self, src_path: str, dst_path: str, keep_last_dir: bool = True) -> None:
        """A file or a directory, in either direction; a directory keeps its own name unless told otherwise."""
        if not self.files.is_directory(src_path):
            self.files.copy(src_path, dst_path)
            return
        last = os.path.basename(os.path.abspath(src_path) if _is_local(src_path) else src_path.rstrip("/"))
        self.files.copy_parallel(src_path, os.path.join(dst_path, last) if keep_last_dir else dst_path)

    def is_obs_path_exists(self, obs_path: str) -> bool:
        """Whether there is such a file or directory in a bucket."""
        return bool(self.files.exists(_url(obs_path)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise refuse("modelarts.session.Session.obs." + name)


def moxing_files() -> Any:
    """Imported late: moxing sets up logging, which a program that only speaks to a server has not asked for."""
    from moxing.framework import file

    return file


def _is_local(path: str) -> bool:
    return not path.startswith(("obs:/", "s3:/"))


def _url(path: str) -> str:
    """`/bucket/key` and `bucket/key` are the SDK's short forms of `obs://bucket/key`."""
    return path if not _is_local(path) else "obs://" + path.lstrip("/")


def _folder(url: str) -> str:
    return url if url.endswith("/") else url + "/"
