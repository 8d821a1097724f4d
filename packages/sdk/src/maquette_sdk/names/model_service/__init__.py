"""The base classes that model packages subclass, under the names they have on ModelArts."""

from model_service.model_service import ModelService, SingleNodeService, get_tf_server_stub, load_service

__all__ = ["ModelService", "SingleNodeService", "get_tf_server_stub", "load_service"]
