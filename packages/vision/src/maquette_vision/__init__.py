"""Learning and seeing: encoders, heads, tasks and suggestions on PyTorch."""

__version__ = "0.1.0"
