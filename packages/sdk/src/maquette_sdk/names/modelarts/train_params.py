"""What the second generation's `Estimator` is told of: the code of a job, where its data is, where its outputs go."""

from __future__ import annotations

from typing import Any, Dict, Optional


class TrainingFiles:
    """The code: its folder in a bucket, and the file in it that is started."""

    def __init__(self, code_dir: str, boot_file: str = "") -> None:
        self.code_dir = code_dir
        self.boot_file = boot_file

    @property
    def boot_path(self) -> str:
        """The boot file by its whole path; scripts name it by its place in the folder too."""
        if not self.boot_file or self.boot_file.startswith(("/", "obs:/", "s3:/")):
            return self.boot_file
        return self.code_dir.rstrip("/") + "/" + self.boot_file


class _Channel:
    """A place in a bucket under the name by which the script hears of it."""

    def __init__(
        self,
        obs_path: Optional[str] = None,
        name: Optional[str] = None,
        local_path: Optional[str] = None,
        access_method: Optional[str] = None,
    ) -> None:
        self.obs_path = obs_path
        self.name = name
        self.local_path = local_path
        self.access_method = access_method

    def body(self) -> Dict[str, Any]:
        """As the server is told of it; what was not said is left out."""
        said = {"name": self.name, "local_dir": self.local_path, "access_method": self.access_method}
        told: Dict[str, Any] = {name: value for name, value in said.items() if value}
        return dict(told, remote={"obs": {"obs_url": self.obs_path or ""}})


class InputData(_Channel):
    """Data of a job: `InputData(obs_path="obs://pets/train/", name="data_url")`."""


class OutputData(_Channel):
    """An output of a job: `OutputData(obs_path="obs://pets/output/", name="train_url")`."""
