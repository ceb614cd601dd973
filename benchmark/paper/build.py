"""From results to the PDF: what is generated, and Typst run over the text."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmark.answers.answer import answers
from benchmark.answers.overview import overview
from benchmark.declare.errors import UserError, require
from benchmark.declare.steps import Steps, silently
from benchmark.paper.content import collect
from benchmark.paper.figures import draw_headlines, drawn_scenarios
from benchmark.store.atomic import write
from benchmark.store.checks import Checked
from benchmark.store.results import Stock

_GENERATED = "generated"
"""The folder, beside the text, of what the text reads."""


def build(
    stocks: Mapping[str, Stock],
    checked: Checked | None,
    source: Path,
    output: Path,
    steps: Steps = silently,
) -> Path:
    """Generate numbers, tables and figures, and typeset the paper.

    Args:
        stocks: scenario → its results, which may be empty.
        checked: what the checks found, if they were run.
        source: folder of the text, with ``main.typ``.
        output: the PDF.
        steps: tells how far it is.

    Returns:
        `output`. The same results give the same bytes.

    Raises:
        UserError: the text is not there or asks for what is not generated, or the PDF
            cannot be written.
    """
    every = answers(stocks, drawn_scenarios(), steps)
    found = overview(each.part for each in every.values())
    with TemporaryDirectory() as place:
        drawings = Path(place)
        drawn = draw_headlines(every, found, checked, drawings, ("svg",), steps)
        content = collect(every, found, checked, {name: f"{name}.svg" for name in drawn})
        for _ in steps([output.name], "typesetting"):
            typeset(content.as_json(), drawings, source, output)
    return output


def typeset(content: Mapping[str, Any], drawings: Path, source: Path, output: Path) -> Path:
    """Run Typst, from its Python package, over the text with what it reads beside it.

    Args:
        content: the form of `benchmark.paper.content.Content`.
        drawings: folder of the figures that `content` names.
        source: folder of the text.
        output: the PDF; written whole or not at all.

    Returns:
        `output`.

    Raises:
        UserError: as `build`.
    """
    import typst

    require((source / "main.typ").is_file(), f"There is no paper in {source}: no main.typ.")
    with TemporaryDirectory() as place:
        root = Path(place) / "paper"
        shutil.copytree(source, root)
        generated = root / _GENERATED
        shutil.copytree(drawings, generated)
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        (generated / "content.json").write_text(text, encoding="utf-8")
        try:
            # No fonts but Typst's own and no time of day: the same bytes everywhere.
            pdf = typst.compile(
                root / "main.typ", root=root, ignore_system_fonts=True, timestamp=0
            )
        except RuntimeError as error:
            raise UserError(f"The paper could not be typeset: {error}") from error
    assert isinstance(pdf, bytes)
    return write(output, pdf)
