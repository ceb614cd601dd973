"""Claims held against results: every expectation, and the verdicts."""
