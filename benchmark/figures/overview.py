"""The figures of ``causes``: over all stored scenarios."""

from pathlib import Path

from benchmark.answers.overview import Overview
from benchmark.figures import theme
from benchmark.figures.causes import draw_causes
from benchmark.figures.cures import draw_cures
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.figures.save import save


def draw_overview(found: Overview, folder: Path) -> list[Path]:
    """Write the ranked causes, the cures, the fingerprints and the confusions.

    Args:
        found: tables; those without rows are left out.
        folder: where figures go.

    Returns:
        The PNG files; an SVG and a PDF lie beside each.

    Raises:
        UserError: a file cannot be written.
    """
    with theme.styled():
        figures = {
            "causes": draw_causes(found.causes) if found.causes else None,
            "cures": draw_cures(found.cures) if found.cures else None,
            "fingerprints": draw_fingerprints(found.fingerprints)
            if found.fingerprints
            else None,
            "confusion": draw_confusions(found.confusions) if found.confusions else None,
        }
        return [save(figure, folder / name) for name, figure in figures.items() if figure]
