"""What every Python process of a run starts with: the paths, the `pip` front and the start-up mends."""
