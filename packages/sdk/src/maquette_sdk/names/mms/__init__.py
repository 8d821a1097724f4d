"""The names of MXNet Model Server that MXNet services import."""
