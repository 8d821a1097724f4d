"""Base classes of MXNet services."""
