"""Duties: what the standard requires on a case, by when, and whether it was kept."""
