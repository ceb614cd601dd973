"""Everything known about a scenario, or about all of them, computed once from its results."""
