"""Small tools of MXNet services."""
