"""From the page's contents to one file of HTML that needs nothing else."""

import base64
import hashlib
from typing import TYPE_CHECKING

from benchmark.report.page import Page
from benchmark.tables import claimed

if TYPE_CHECKING:
    import jinja2


def environment() -> "jinja2.Environment":
    """The templates, which fail on a name that nobody gives."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("benchmark.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.globals["signs"] = claimed.SIGNS
    return found


def render(page: Page) -> str:
    """The page as HTML, with styles, script and figures; the same page is the same text."""
    from markupsafe import Markup

    templates = environment()

    def source(name: str) -> Markup:
        assert templates.loader is not None
        return Markup(templates.loader.get_source(templates, name)[0])

    parts = {"style": source("page.css"), "script": source("page.js")}
    # The browser runs this very script and no other, whatever texts the page holds.
    parts["allowed"] = Markup(_digest(f"\n{parts['script']}\n"))
    return templates.get_template("page.html").render(page=page, **parts)


def _digest(script: str) -> str:
    """A script in the words of a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
