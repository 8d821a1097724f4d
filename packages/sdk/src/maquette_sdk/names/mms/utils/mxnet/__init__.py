"""Pictures, arrays and sentences for MXNet services."""
