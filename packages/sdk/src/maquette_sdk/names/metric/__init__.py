"""`from metric.metrics_manager import MetricsManager`, which serving scripts import."""
