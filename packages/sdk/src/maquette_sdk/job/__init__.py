"""What happens in and around a run: supervise outside the sandbox, launch inside it."""
