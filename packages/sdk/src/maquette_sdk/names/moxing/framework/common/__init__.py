"""What the tasks of MoXing have in common."""
