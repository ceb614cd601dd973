"""The command line: ``python -m benchmark COMMAND``."""

import os
import sys

import typer
from typer.exceptions import TyperException

from benchmark.cli import (
    catalogue,
    causes,
    check,
    make,
    paper,
    parity,
    reference,
    report,
    run,
    speed,
    summary,
    verify,
)
from benchmark.declare.errors import UserError

app = typer.Typer(
    help="Why do training and validation curves fluctuate? Folk answers, tested by simulation.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("list")(catalogue.list_scenarios)
app.command("show")(catalogue.show)
app.command("run")(run.run)
app.command("status")(catalogue.status)
app.command("summary")(summary.summary)
app.command("figures")(summary.figures)
app.command("causes")(causes.causes)
app.command("paper")(paper.paper)
app.command("report")(report.report)
app.command("reference")(reference.reference)
app.command("verify")(verify.verify)
app.command("new")(make.new)
app.command("check")(check.check)
app.command("speed")(speed.speed)
app.command("parity")(parity.parity)


def main() -> None:
    """Run a command; mistakes of the user are one sentence and exit status 2."""
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except UserError as error:
        status = _complain(str(error))
    except TyperException as error:
        status = _complain(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        status = _complain("Interrupted.", 130)
    except BrokenPipeError:
        # Whoever read our output (``| head``) has gone; that is not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


def _complain(sentence: str, status: int = 2) -> int:
    print(sentence, file=sys.stderr)
    return status
