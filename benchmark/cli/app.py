"""The command line: ``fluctuations COMMAND`` or ``python -m benchmark COMMAND``."""

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from typer.exceptions import TyperException

from benchmark.cli import (
    catalogue,
    causes,
    check,
    make,
    merge,
    paper,
    parity,
    reference,
    report,
    run,
    speed,
    summary,
    verify,
)
from benchmark.cli.completion import PROGRAM, program
from benchmark.declare.errors import Stopped, UserError

INTERRUPTED = 130
_LONGEST = 1200
"""Characters of a sentence; what somebody gave may be endless."""
_CONTROLS = {code: " " for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}

app = typer.Typer(
    help="Why do training and validation curves fluctuate? Folk answers, tested by simulation.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        # Looks into files, and most commands do not ask.
        from benchmark.declare.version import __version__

        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _before_a_command(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Options that stand before the command."""


_COMMANDS: tuple[tuple[Callable[..., None], str, str], ...] = (
    (catalogue.list_scenarios, "list --scale paper", "All scenarios, and what is stored."),
    (catalogue.show, "show batch_size", "Settings and claims of a scenario."),
    (run.run, "run batch_size --set training.epochs=20", "Train what is missing; verdicts."),
    (catalogue.status, "status batch_size", "What is stored: variants and shards, too."),
    (summary.summary, "summary batch_size --long", "Measures and verdicts, as stored."),
    (summary.figures, "figures batch_size learning_rate", "Draw figures of what is stored."),
    (causes.causes, "causes --no-figures", "Causes and cures ranked over all scenarios."),
    (paper.paper, "paper --output my_paper.pdf", "The paper as a PDF, from results."),
    (report.report, "report --results my_results", "One HTML page of everything."),
    (merge.merge, "merge from_a from_b --results results", "Join the results of shards."),
    (reference.reference, "reference batch_size", "Make reference files from results."),
    (verify.verify, "verify batch_size", "Run with new seeds; held against the reference."),
    (make.new, "new my_question --from batch_size", "A new scenario file, ready to edit."),
    (check.check, "check --quick", "The engine held against closed forms."),
    (speed.speed, "speed", "Run-steps per second beside PyTorch."),
    (parity.parity, "parity", "The same networks in Keras and here."),
)
"""What each command does, an example of it, and what the list of commands says of it; its name
is the first word of the example."""

for _does, _example, _short in _COMMANDS:
    app.command(
        _example.partition(" ")[0],
        short_help=_short,
        epilog=f"Example: python -m benchmark {_example}",
    )(_does)


def main() -> None:
    """Run a command; mistakes of the user are one sentence and exit status 2."""
    _open_streams()
    try:
        status = app(prog_name=program(sys.argv[1:]), standalone_mode=False)
        sys.stdout.flush()
        if status == INTERRUPTED:
            _complain("Interrupted.", INTERRUPTED)
    except UserError as error:
        status = _complain(str(error))
    except Stopped as error:
        status = _complain(str(error), error.status)
    except TyperException as error:
        if sys.argv[1:]:
            status = _complain(error.format_message())
        else:
            # Without a command: the help, which is more than a sentence.
            print(error.format_message(), file=sys.stderr)
            status = 2
    except (KeyboardInterrupt, typer.Abort):
        status = _complain("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output (``| head``) has gone; that is not an error of ours.
        _write_no_more()
        status = 0
    except OSError as error:
        # A full disk behind the output, a name too long: no mistake of a program.
        about = "" if error.filename is None else f"{error.filename}: "
        status = _complain(f"The system refuses: {about}{error.strerror or error}.")
        try:
            sys.stdout.flush()
        except OSError:
            _write_no_more()
    sys.exit(status if isinstance(status, int) else 0)


def _open_streams() -> None:
    """Output that may be closed, or know few letters, and takes whatever is printed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _write_no_more() -> None:
    """Let what is still to be written vanish, or Python complains on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(sentence: str, status: int = 2) -> int:
    # What said how far a command was may still stand in the line.
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}{_one_line(sentence)}", file=sys.stderr)
    return status


def _one_line(sentence: str) -> str:
    """A sentence without line breaks, and without the middle of what is endless in it."""
    line = sentence.translate(_CONTROLS)
    if len(line) <= _LONGEST:
        return line
    return f"{line[: _LONGEST - 300]} … {line[-250:]}"
