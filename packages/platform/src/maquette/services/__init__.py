"""Models online: instances that run a package, and the gateway in front of them."""
