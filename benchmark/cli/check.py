"""``check``: the simulation held against closed forms."""

from typing import Annotated

import typer

from benchmark.cli.options import AsJson, Folder, References, print_json
from benchmark.workbench.asked import results_root


def check(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer runs: under a minute.")] = False,
    results: Folder = None,
    as_json: AsJson = False,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the comparisons with the reference results.")
    ] = False,
    reference: References = None,
) -> None:
    """Reproduce the ground truths and print prediction, simulation, ratio and z.

    The last rows test the statistics: coverage of intervals, rate of false verdicts.
    Exit status 1 if any prediction is missed by more than four standard errors and the
    error that the theory itself admits.
    """
    from benchmark.checks import Scale, all_checks, procedures, run_checks
    from benchmark.declare.identity import code_digest
    from benchmark.workbench.progress import shown_progress

    scale: Scale = "quick" if quick else "full"
    checks = all_checks(scale)
    resolved = [check.scenario.resolve() for check in checks]
    # Runs made by other code must not vouch for today's.
    root = (
        results_root(results) / "checks" / code_digest(*(each.conditions for each in resolved))
    )
    with shown_progress(root, resolved) as listener:
        found = run_checks(checks, root, listener=listener)
    found += procedures(scale, results_root(results) / "checks" / "verdicts")
    if save:
        from benchmark.store.checks import store_checks
        from benchmark.workbench.stock import own_reference_root

        store_checks(own_reference_root(reference), scale, [c.as_json() for c in found])
    missed = [comparison for comparison in found if not comparison.holds]
    if as_json:
        print_json([c.as_json() for c in found])
    else:
        from benchmark.cli.tables import print_tables
        from benchmark.store.checks import Checked
        from benchmark.tables.theory import theory_table

        print_tables([theory_table(Checked(scale, tuple(c.as_json() for c in found)))])
        print(f"{len(found) - len(missed)} of {len(found)} predictions hold.")
    if missed:
        raise typer.Exit(1)
