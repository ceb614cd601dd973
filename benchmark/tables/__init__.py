"""Tables, and claims with their verdicts in words, for every reader: terminal, page, paper."""
