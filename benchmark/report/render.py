"""From the page's contents to one file of HTML that needs nothing else."""

import base64
import hashlib

from benchmark.report.page import Page


def render(page: Page) -> str:
    """The page as HTML, with styles, script and figures; the same page is the same text."""
    import jinja2
    from markupsafe import Markup

    loader = jinja2.PackageLoader("benchmark.report", "templates")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )

    def source(name: str) -> Markup:
        return Markup(loader.get_source(environment, name)[0])

    parts = {"style": source("page.css"), "script": source("page.js")}
    # The browser runs this very script and no other, whatever texts the page holds.
    parts["allowed"] = Markup(_digest(f"\n{parts['script']}\n"))
    return environment.get_template("page.html").render(page=page, **parts)


def _digest(script: str) -> str:
    """A script in the words of a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
