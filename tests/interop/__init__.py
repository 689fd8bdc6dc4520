"""Our answers against vectors and files that others made."""
