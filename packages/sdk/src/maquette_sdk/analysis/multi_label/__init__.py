"""Reports on classifiers that give a picture several classes."""
