"""The S3 and OBS endpoint: serves an object store to clients that speak either."""

from maquette.buckets.obs.call import Bearer as Bearer
from maquette.buckets.obs.endpoint import Endpoint as Endpoint
from maquette.buckets.obs.parts import Parts as Parts
