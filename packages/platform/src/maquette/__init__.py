"""Maquette: the whole vision-AI workshop on one machine."""

from maquette_sdk import __version__ as __version__
