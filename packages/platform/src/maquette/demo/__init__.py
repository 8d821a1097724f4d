"""The walk of `maquette demo`, and the project that it is done with: handwritten digits, as for ModelArts."""
