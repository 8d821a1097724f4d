"""What is raised for arguments that no figures can be made of."""

from __future__ import annotations


class WrongInput(ValueError):
    """An argument is wrong; the message names it, says what is wrong, and how to put it right."""
