"""Claims in words."""

from benchmark.declare.claims import Claim
from benchmark.declare.vary import ARM
from benchmark.wording import words


def expectation(claim: Claim) -> str:
    """What a claim says of its measure: "falls with batch size". Its arm is left out."""
    text = claim.expect.words
    if claim.tune:
        tuned = words.listed([words.setting(path) for path in claim.tune])
        text = f"{text}, at the best {tuned}"
    where = {path: value for path, value in claim.where.items() if path != ARM}
    if not where:
        return text
    along = claim.expect.along
    if along is not None and set(where) == {along}:
        return f"{text} (at {words.levels(where[along])})"
    return f"{text} (at {words.selection(where)})"


def arms(claim: Claim) -> str:
    """The arms a claim speaks of, "" if of all."""
    return words.levels(claim.where.get(ARM, ()))
