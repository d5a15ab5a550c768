"""Nothing: what is left is a profiler's start and end."""
