"""Where scripts of pip 19.3 and later look for `main`."""

from .cli.main import main as main
