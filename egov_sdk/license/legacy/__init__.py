"""Old licences (存量证照) brought in from sheets: row by row, nothing lost, nothing doubled, resumable."""
