"""The serving instance: one model package in one process, reached by a small protocol over a socket."""
