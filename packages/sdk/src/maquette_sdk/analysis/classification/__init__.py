"""Reports on classifiers."""
