"""Where scripts look for `freeze`."""
