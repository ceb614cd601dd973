"""Tables over the catalogue."""

from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.recognition.fingerprints import Fingerprint, Mark
from benchmark.tables.catalogue import fingerprint_table


def test_fingerprints_name_what_moves_most():
    marks = [
        (f"f{i}", shift, shift - 1, shift + 1) for i, shift in enumerate((0.5, -3, 2, 5, 1))
    ]
    marks = tuple(Mark(name, Interval(*ends)) for name, *ends in marks)
    marks += (Mark("none", Interval(None, None, None)),)
    rows = [Fingerprint("small batch", system, marks) for system in ("all", "MLP")]
    grid = fingerprint_table(rows)
    assert grid is not None
    (row,) = grid.rows
    assert row[1].text == "f3 +5; f1 −3; f2 +2; f4 +1?"
    assert fingerprint_table([]) is None
