"""Newest versions of common packages by day, for package indexes that tell no upload times."""
