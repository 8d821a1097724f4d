"""`python -m maquette.cli`: the command without its script."""

from maquette.cli import main

main()
