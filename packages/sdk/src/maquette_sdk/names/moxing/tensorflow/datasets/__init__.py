"""What is left of MoXing's data sets for TensorFlow 1: telling a manifest from a directory."""
