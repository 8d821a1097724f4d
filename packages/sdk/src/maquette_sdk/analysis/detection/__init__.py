"""Reports on object detectors."""
