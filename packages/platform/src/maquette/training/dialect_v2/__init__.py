"""The second generation's calls about training: algorithms, jobs, their tasks, engines, flavours and tags."""

from __future__ import annotations

from maquette.training.dialect_v2 import algorithms, engines, experiments, jobs, quotas, tags, tasks

routers = [
    algorithms.router,
    jobs.router,
    tasks.router,
    engines.router,
    tags.router,
    quotas.router,
    experiments.router,
]
