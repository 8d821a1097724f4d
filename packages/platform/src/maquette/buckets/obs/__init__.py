"""The object store as clients of S3 and OBS reach it: an application that needs a store and keys, and no server."""

from maquette.buckets.obs.endpoint import Endpoint
from maquette.buckets.obs.parts import Parts

__all__ = ["Endpoint", "Parts"]
