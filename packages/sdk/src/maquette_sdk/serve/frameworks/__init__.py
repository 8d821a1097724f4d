"""What the base classes need of each framework. Frameworks are imported when they are used, never before."""
