"""What `Model` and `Predictor` of the ModelArts SDK are told: dictionaries in the words of the server's calls."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Sequence, Union

__all__ = ["Dependencies", "Packages", "Params", "ServiceConfig", "TransformerConfig"]


class Described(Dict[str, Any]):
    """Its entries are attributes too. What was not said is left out."""

    def __init__(self, **said: Any) -> None:
        super().__init__({name: value for name, value in said.items() if value is not None})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class ServiceConfig(Described):
    """A version of a model in an online service. The weights of all together make 100."""

    def __init__(
        self,
        model_id: str,
        weight: Union[int, str] = 100,
        specification: Optional[str] = None,
        instance_count: int = 1,
        envs: Optional[Mapping[str, str]] = None,
        custom_spec: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(
            model_id=model_id, weight=weight, specification=specification, instance_count=instance_count, envs=envs,
            custom_spec=custom_spec,
        )  # fmt: skip


class TransformerConfig(Described):
    """The model of a batch service, where its inputs are and where its results go."""

    def __init__(
        self,
        model_id: str,
        specification: Optional[str] = None,
        instance_count: int = 1,
        src_path: Optional[str] = None,
        dest_path: Optional[str] = None,
        req_uri: str = "/",
        mapping_type: Optional[str] = None,
        mapping_rule: Union[str, Mapping[str, Any], None] = None,
        envs: Optional[Mapping[str, str]] = None,
        src_type: Optional[str] = None,
        custom_spec: Optional[Mapping[str, Any]] = None,
    ) -> None:
        if isinstance(mapping_rule, str):
            mapping_rule = json.loads(mapping_rule) if mapping_rule.strip() else None
        super().__init__(
            model_id=model_id, specification=specification, instance_count=instance_count, src_path=src_path,
            dest_path=dest_path, req_uri=req_uri, mapping_type=mapping_type, mapping_rule=mapping_rule, envs=envs,
            src_type=src_type, custom_spec=custom_spec,
        )  # fmt: skip


class Params(Described):
    """One input or output of a model."""

    def __init__(
        self,
        url: str = "/",
        param_name: Optional[str] = None,
        param_type: Optional[str] = None,
        min: Any = None,
        max: Any = None,
        param_desc: Optional[str] = None,
    ) -> None:
        super().__init__(url=url, param_name=param_name, param_type=param_type, min=min, max=max, param_desc=param_desc)


class Dependencies(Described):
    """Packages that a model's code needs."""

    def __init__(self, installer: str = "pip", packages: Optional[Sequence[Mapping[str, Any]]] = None) -> None:
        super().__init__(installer=installer, packages=list(packages or ()))


class Packages(Described):
    """One package; `restraint` is EXACT, ATLEAST or ATMOST."""

    def __init__(
        self, package_name: str, package_version: Optional[str] = None, restraint: Optional[str] = None
    ) -> None:
        super().__init__(package_name=package_name, package_version=package_version, restraint=restraint)
