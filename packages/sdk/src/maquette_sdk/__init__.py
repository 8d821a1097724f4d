"""What user code imports inside Maquette. Standard library only, Python 3.7 and newer."""

__version__ = "0.1.0"
