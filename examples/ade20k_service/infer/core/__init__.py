"""Segments scenes into the 150 classes of ADE20K."""
