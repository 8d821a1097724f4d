"""The project that `maquette demo` runs: handwritten digits, as a ModelArts user would write it."""
