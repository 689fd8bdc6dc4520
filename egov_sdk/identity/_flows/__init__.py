"""Signing in as flows: what is asked of a platform and in which order, for threads and for tasks alike."""
