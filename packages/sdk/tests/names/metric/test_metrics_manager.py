from __future__ import annotations

import importlib


def test_a_service_finds_no_metrics_and_goes_on(names: None) -> None:
    manager = importlib.import_module("metric.metrics_manager").MetricsManager
    assert manager.metrics.get("serve_LatencyInference") is None and dict(manager.metrics) == {}
