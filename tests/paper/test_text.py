"""The paper's text types no results."""

import re

from helpers.made_up import TEXT


def test_text_types_no_results() -> None:
    """Digits stand in macros' arguments, mathematics and `#k[…]`, and nowhere else."""
    text = (TEXT / "main.typ").read_text(encoding="utf-8")
    for hidden in (
        r"#k\[[^]]*\]",
        r"\"[^\"]*\"",
        r"\$[^$]*\$",
        r"`[^`]*`",
        r"@[\w-]+",
        r"most: \d",
    ):
        text = re.sub(hidden, "", text)
    prose = "\n".join(
        line for line in text.splitlines() if not line.startswith(("#let", "#set", "  "))
    )
    assert re.findall(r".*\d.*", prose) == []


def test_text_types_no_verdicts() -> None:
    """A verdict that is typed would stay when the data change."""
    text = (TEXT / "main.typ").read_text(encoding="utf-8")
    claims = re.findall(r"#v\(\"([^\"]+)\"\)", text)
    assert len(claims) > 50
    assert not re.search(r"\bis (supported|refuted|undecided)\b", text)
