"""The first generation's calls about training jobs, as ModelArts prints them in its API reference."""

from __future__ import annotations

from maquette.training.dialect_v1.configurations import router as configurations
from maquette.training.dialect_v1.jobs import router as jobs
from maquette.training.dialect_v1.offers import router as offers

routers = [jobs, configurations, offers]
