"""`paper` and `figures --headline`."""

from pathlib import Path

from helpers.shell import Shell


def test_commands_without_results_say_so(shell: Shell, tmp_path: Path) -> None:
    for command in (["paper"], ["figures", "--headline"]):
        for folder in ("--results", "--reference"):
            said = shell.refuses(*command, folder, tmp_path)
            assert "There are no results of any scenario" in said
