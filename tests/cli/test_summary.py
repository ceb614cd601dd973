"""`summary` and `figures`."""

from pathlib import Path

from helpers.shell import Shell


def test_summary_as_json(shell: Shell, places: list[str]):
    found = shell("summary", "small", "--json", *places).json
    assert found.keys() == {
        "scenario", "scale", "conditions", "claims", "attribution", "components", "causes",
        "cures", "fingerprints", "confusion",
    }  # fmt: skip
    assert (found["scenario"], found["scale"]) == ("small", "quick")
    shown = shell("show", "small", "--json", *places[:2]).json
    assert [c["id"] for c in found["conditions"]] == [c["id"] for c in shown["conditions"]]
    for row in found["conditions"]:
        assert {"id", "settings", "runs", "measures"} <= row.keys()
        assert row["runs"] == 4
        cell = row["measures"]["level(validation_loss)"]
        assert {"mean", "low", "high"} <= cell.keys()
        assert cell["low"] <= cell["mean"] <= cell["high"]
    assert [claim["name"] for claim in found["claims"]] == ["falls", "in-bounds"]
    for claim in found["claims"]:
        assert {"name", "says", "verdict", "estimate", "low", "high"} <= claim.keys()
        assert claim["verdict"] in ("supported", "refuted", "undecided")
        assert claim["low"] <= claim["estimate"] <= claim["high"]


def test_summary_and_figures_for_people(shell: Shell, places: list[str]):
    status, out, err = shell("summary", "small", *places)
    assert (status, err) == (0, "")
    assert "falls" in out and "4 runs" in out
    status, out, err = shell("figures", "small", *places)
    assert (status, err) == (0, "")
    assert all(Path(line).is_file() for line in out.splitlines()) and out


def test_nothing_stored(shell: Shell, folder: Path, tmp_path: Path):
    places = ["--scenarios", folder, "--results", tmp_path]
    said = shell.refuses("summary", "small", *places)
    again = f"--results {tmp_path} --scenarios {folder}"
    assert said.endswith(f"Run it first: python -m benchmark run small {again}")
    assert "Nothing of 'small' is stored" in shell.refuses("figures", "small", *places)
    assert "Nothing is stored" in shell.refuses("figures", *places)
    empty = shell("summary", "small", "--json", *places).json
    assert empty["conditions"] == []
    assert [claim["verdict"] for claim in empty["claims"]] == ["undecided"] * 2
    assert not list(tmp_path.iterdir()), "looking leaves nothing behind"


def test_a_log_is_as_wide_as_it_is_asked_to_be(shell: Shell, places: list[str], monkeypatch):
    widths = []
    for columns in ("80", "150"):
        monkeypatch.setenv("COLUMNS", columns)
        widths.append(
            max(map(len, shell("summary", "small", "--long", *places).out.splitlines()))
        )
    assert widths[0] <= 80 < widths[1] <= 150
