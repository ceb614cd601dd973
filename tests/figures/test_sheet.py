"""Lines and keys fit on a sheet."""

from benchmark.figures.sheet import key_columns, width_of, wrap
from benchmark.figures.study import spread


def test_lines_and_keys_fit():
    text = "a sentence that is longer than its column"
    assert all(width_of(line, 7) <= 60 for line in wrap(text, 60, 7))
    assert " ".join(wrap(text, 60, 7)) == text
    assert key_columns(["short", "short"], 500, 7) == 2
    assert key_columns(["long " * 30, "short"], 100, 7) == 1
    assert spread(9, 5) == [0, 2, 4, 6, 8]
    assert spread(2, 5) == [0, 1]
