"""From stored runs to measures, claims, causes and their verdicts; knows no files."""
