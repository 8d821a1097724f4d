"""Data sets as training and evaluation scripts read them."""
