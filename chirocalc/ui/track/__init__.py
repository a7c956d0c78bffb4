"""Track: the log of services, in sums, pictures and tables."""
