"""Names of the parts of the page, by which its links, and those of tables, lead to them."""

import re


def scenario_name(scenario: str) -> str:
    """Id of a scenario's chapter."""
    return f"scenario-{_plain(scenario)}"


def claim_name(scenario: str, claim: str) -> str:
    """Id of a claim in its scenario's chapter."""
    return f"{scenario_name(scenario)}--{_plain(claim)}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text)
