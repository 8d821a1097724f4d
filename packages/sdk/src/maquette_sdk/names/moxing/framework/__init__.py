"""The part of MoXing that every engine has: file operations, and small helpers that scripts import beside them."""

from . import file

__all__ = ["file"]
