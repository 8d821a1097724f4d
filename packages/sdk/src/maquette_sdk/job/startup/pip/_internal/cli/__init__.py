"""The command line of the `pip` front."""
