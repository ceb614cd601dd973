"""The page of the report: what it says, and how it behaves in a real browser."""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from benchmark.declare.errors import UserError
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.report import Page, page, render
from benchmark.store.atomic import write
from benchmark.store.checks import Checked
from benchmark.store.results import Results
from helpers.scenarios import computed, written
from helpers.shell import Shell

SMALL = """
from benchmark import (
    SGD, Cause, Claim, Condition, Cure, Decreases, Factorial, Increases, Jitter, Level, Point,
    Quadratic, Scenario, Training, Within,
)

RATE, BATCH = "optimizer.learning_rate", "training.batch_size"

scenario = Scenario(
    question="Is a <b>small</b> batch & a high rate to blame?",
    says='Somebody says "a < b".',
    family="data",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=12, batch_size=4)),
    vary=Factorial({
        "high_rate": ({RATE: 0.1}, {RATE: 0.4}),
        "small_batch": ({BATCH: 8}, {BATCH: 2}),
    }),
    claims=(
        Claim("epoch-jitter", "It falls with the batch size.", Jitter("validation_loss"),
              Decreases(BATCH)),
        Claim("rises", "It rises with the <i>batch</i> size.", Jitter("train_loss"),
              Increases(BATCH)),
        Claim("open", "Nobody knows.", Level("validation_loss"), Within(low=0.5, high=0.75),
              where={RATE: 0.1, BATCH: 8}),
    ),
    causes=(Cause("small batch", {BATCH: 8}, {BATCH: 2}),),
    cures=(Cure("larger batch", "small batch", {BATCH: 2}, {BATCH: 8}),),
    seeds=8,
    block=8,
    lanes=4,
)
"""

CHECKED = Checked(
    "quick",
    tuple(
        {
            "name": name, "bound": bound, "predicted": predicted, "simulated": simulated,
            "standard_error": 0.01, "allowance": 0.02, "ratio": ratio, "z": 0.5, "holds": True,
        }
        for name, bound, predicted, simulated, ratio in (
            ("floor of SGD", "", 1.0, 1.01, 1.01), ("a bound", "≤", 2.0, 1.0, None),
        )
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small scenario under the name of a real one, with its results."""
    made = tmp_path_factory.mktemp("report")
    computed(written(made / "own", SMALL, "batch_size"), made / "results")
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> Page:
    files = folder / "own" / "batch_size.py", scenario_files()["optimizer"]
    stocks = [Results.at(load_file(path).resolve(), folder / "results") for path in files]
    return page(stocks, CHECKED)


@pytest.fixture(scope="module")
def text(found: Page) -> str:
    return render(found)


@pytest.fixture(scope="module")
def url(folder: Path, text: str) -> str:
    write(folder / "report.html", text)
    return (folder / "report.html").as_uri()


# --- what it is made of -------------------------------------------------------------------


class Outline(HTMLParser):
    """Collects elements with their attributes, and the text of headings."""

    VOID = {"meta", "link", "img", "input"}

    def __init__(self, source: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def outline(text: str) -> Outline:
    return Outline(text)


def test_structure(outline: Outline):
    (root,) = outline.all("html")
    assert root["lang"] == "en"
    assert len(outline.all("title")) == len(outline.all("main")) == len(outline.all("h1")) == 1
    ids = [a["id"] for _, a in outline.elements if "id" in a]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))


def test_every_reference_leads_somewhere(outline: Outline):
    ids = {a["id"] for _, a in outline.elements if "id" in a}
    links = [a["href"] for a in outline.all("a")]
    assert len(links) > 20
    for link in links:
        assert link is not None and link.startswith("#") and link[1:] in ids, link
    for _, attributes in outline.elements:
        for name in ("aria-labelledby", "for"):
            if name in attributes:
                assert attributes[name] in ids
    for attributes in (*outline.all("img"), *outline.all("link")):
        assert (attributes.get("src") or attributes.get("href") or "").startswith("data:")


def test_images_say_what_they_show(outline: Outline):
    images = outline.all("img")
    words = [image["alt"] or "" for image in images]
    # Four figures of the scenario, causes, cures, theory.
    assert len(images) >= 6 and len(set(words)) == len(words)
    assert all(len(said) > 60 and said.startswith("Figure, ") for said in words)
    assert any("Is a <b>small</b> batch" in said for said in words)
    assert all(said.count(said[9:].split(". ")[1]) == 1 for said in words), "said twice"


def test_no_other_script_is_allowed_to_run(text: str):
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy.split("; ")
    assert not re.search(r"""\son\w+\s*=\s*["']""", text), "handlers in tags would be refused"


def test_what_users_write_is_escaped(text: str):
    assert "Is a &lt;b&gt;small&lt;/b&gt; batch &amp; a high rate to blame?" in text
    assert "<b>small</b>" not in text and "<i>batch</i>" not in text
    assert "&#34;a &lt; b&#34;" in text


def test_contents(found: Page, text: str):
    (only,) = found.chapters
    assert list(found.families) == ["Data"]
    assert (only.name, only.runs, only.provenance.published) == ("batch_size", 32, False)
    assert [v.name for v in only.verdicts] == ["epoch-jitter", "rises", "open"]
    assert sum(found.counts.values()) == 3 == len(found.claims.rows)
    assert only.suspects and only.conditions and not only.sources
    assert dict(only.varied).keys() == {
        "optimizer.learning_rate", "training.batch_size", "suspect.high_rate",
        "suspect.small_batch",
    }  # fmt: skip
    assert dict(only.fixed)["task"] == "Quadratic"
    assert "python -m benchmark run batch_size" in text
    assert "Without results, and not on this page: <code>optimizer</code>." in text
    assert found.provenance.devices and "jax" in found.provenance.versions


def test_a_symptom_leads_to_scenario_and_cure(found: Page):
    first = found.situations[0]
    (scenario,) = first.scenarios
    assert (scenario.text, scenario.name) == ("batch_size", "scenario-batch_size")
    assert "learning_rate" in first.missing
    (cure,) = first.cures
    assert cure.text == "larger batch" and re.match(r"jitter ×0\.\d+ \[.+\], loss ×", cure.note)


def test_statements_stand_as_their_claims_do(found: Page):
    of_claim = {cell.text for row in found.statements.rows for cell in row[2:3]}
    verdicts = {v.name: v.verdict for v in found.chapters[0].verdicts}
    linked = {row[4].link: row[2].text for row in found.statements.rows}
    assert linked["scenario-batch_size--epoch-jitter"] == verdicts["epoch-jitter"]
    assert "not run" in of_claim


# --- the command --------------------------------------------------------------------------


def test_the_command_writes_the_same_bytes_twice(shell: Shell, folder: Path, tmp_path: Path):
    places = ["--results", str(folder / "results"), "--scenarios", str(folder / "own")]
    written = []
    for name in ("first.html", "second/second.html"):
        status, out, err = shell("report", *places, "--output", tmp_path / name)
        assert status == 0, err
        assert out.splitlines()[-1] == str(tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert b"Is a &lt;b&gt;small" in written[0]
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["first.html", "second.html"]


def test_mistakes_are_one_sentence(shell: Shell, tmp_path: Path):
    nothing = shell.refuses("report", "--results", tmp_path)
    assert f"no results of any scenario at scale 'quick' in {tmp_path}" in nothing
    assert f"in {tmp_path}" in shell.refuses("report", "--reference", tmp_path)
    assert "scale is 'huge', but must be one of" in shell.refuses("report", "--scale", "huge")
    assert "must be a file" in shell.refuses("report", "--output", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="could not be written"):
        write(tmp_path / "file" / "report.html", "text")


def test_a_page_without_anything_special(found: Page):
    """No causes, fingerprints, theory or missing scenarios: their parts are left out."""
    bare = replace(
        found, causes=None, cures=None, fingerprints=None, theory=None, pictures={}, missing=()
    )
    outline = Outline(render(bare))
    ids = {a["id"] for _, a in outline.elements if "id" in a}
    assert not ids & {"causes", "fingerprints", "theory"}
    assert all((a["href"] or "")[1:] in ids for a in outline.all("a"))


# --- in a browser -------------------------------------------------------------------------

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("There is no Chromium here; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Any]:
    """Opens the page; afterwards nothing may have been said, failed or asked of a network."""
    contexts, said = [], []

    def open_page(width: int = 1440, fragment: str = "", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(120_000)
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda asked: said.append(asked.url) if _foreign(asked.url) else None)
        tab.goto(url + fragment)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def _foreign(address: str) -> bool:
    return not address.startswith(("file:", "data:"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_sticks_out(visit: Any, width: int, scheme: str):
    tab = visit(width, color_scheme=scheme)
    widths = "[document.documentElement.scrollWidth, document.body.scrollWidth]"
    assert max(tab.evaluate(widths)) <= width
    tab.click("#unfold")
    assert tab.locator("details:not([open])").count() == (width == 390), "the menu stays closed"
    assert max(tab.evaluate(widths)) <= width


@pytest.mark.parametrize("width", [390, 1440])
def test_images_are_there(visit: Any, width: int):
    tab = visit(width)
    images = tab.evaluate(
        "Promise.all([...document.images].map(async (image) => {"
        "  await image.decode();"
        "  return [image.complete, image.naturalWidth, image.alt.length];"
        "}))"
    )
    assert len(images) >= 6
    assert all(complete and wide > 300 and words > 60 for complete, wide, words in images)


def test_rows_are_searched_and_chosen(visit: Any):
    tab = visit()
    tools, rows = tab.locator("#all-claims .tools"), tab.locator("#all-claims tbody tr")
    count = tools.locator("output")
    assert count.inner_text() == "3 of 3 rows" and count.get_attribute("aria-live") == "polite"
    tools.get_by_label("Search").fill("batch FALLS")
    assert count.inner_text() == "1 of 3 rows"
    assert [rows.nth(i).is_visible() for i in range(3)] == [True, False, False]
    tools.get_by_label("Search").fill("")
    verdict = rows.nth(1).locator("td").nth(1).get_attribute("data-text")
    tools.get_by_label("Verdict").select_option(verdict)
    shown = [rows.nth(i) for i in range(3) if rows.nth(i).is_visible()]
    assert len(shown) == int(count.inner_text().split()[0]) < 3
    assert all(verdict in row.inner_text() for row in shown)
    tools.get_by_label("Search").fill("nothing has this")
    assert count.inner_text() == "0 of 3 rows"


def test_columns_are_sorted_by_keyboard(visit: Any):
    tab = visit()
    head = tab.locator("#all-claims th").nth(2)
    cells = "nodes => nodes.map(row => Number(row.cells[2].dataset.order))"
    before = tab.eval_on_selector_all("#all-claims tbody tr", cells)
    head.locator("button").focus()
    tab.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert tab.eval_on_selector_all("#all-claims tbody tr", cells) == sorted(before)
    tab.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert tab.eval_on_selector_all("#all-claims tbody tr", cells) == sorted(before)[::-1]
    tab.locator("#all-claims th button").first.press("Space")
    assert tab.locator("#all-claims th[aria-sort]").count() == 1


def test_what_has_no_number_is_last(visit: Any):
    tab = visit()
    head = tab.locator("#statements th").nth(3)
    texts = "nodes => nodes.map(row => row.cells[3].dataset.text)"
    for _ in range(2):
        head.locator("button").click()
        held = tab.eval_on_selector_all("#statements tbody tr", texts)
        assert held[0] != "–" and held[-1] == "–"


def test_the_keyboard_reaches_everything(visit: Any):
    tab = visit(390)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.locator(".skip").bounding_box()["y"] >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.reload()
    tab.locator("nav summary").click()
    tab.click("#unfold")
    wanted = tab.evaluate(
        "[...document.querySelectorAll('a, button, input, select, summary, .scroll')]"
        ".filter(each => each.checkVisibility())"
        ".filter(e => !e.matches('.scroll') || e.scrollWidth > e.clientWidth)"
        ".map((each, i) => { each.dataset.place = i; return i; })"
    )
    reached = set()
    tab.evaluate("document.activeElement.blur()")
    for _ in range(len(wanted) + 5):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("Number(document.activeElement.dataset.place ?? -1)"))
        ring = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none" or tab.evaluate("document.activeElement === document.body")
    assert reached >= set(wanted)


def test_what_can_be_used_has_a_name(visit: Any):
    tab = visit()
    for role in ("button", "link", "searchbox", "combobox", "table", "img", "region"):
        there = tab.get_by_role(role)
        named = tab.get_by_role(role, name=re.compile(r"\w"))
        assert there.count() == named.count() > 0, role


CONTRAST = """
() => {
  const rgb = (text) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => {
      const part = c / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (each) => {
    for (; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const found = {};
  for (const each of document.querySelectorAll("body *")) {
    const own = [...each.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !each.checkVisibility()) continue;
    const [a, b] = [rgb(getComputedStyle(each).color), paper(each)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = `${each.tagName} ${each.className}`;
    found[name] = Math.min(found[name] ?? 99, ratio);
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out(visit: Any, scheme: str):
    """All text has the contrast that WCAG 2.1 asks for, 4.5, and body text 7."""
    tab = visit(color_scheme=scheme)
    tab.click("#unfold")
    found = tab.evaluate(CONTRAST)
    assert len(found) > 10
    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}
    assert found["TD wide"] > 7


def test_colours_can_be_chosen_and_are_kept(visit: Any):
    tab = visit(color_scheme="light")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(colour)
    for expected in ("light", "dark"):
        tab.click("#theme")
        assert tab.locator("#theme").inner_text() == f"Colours: {expected}"
        assert (tab.evaluate(colour) == light) == (expected == "light")
    tab.reload()
    assert tab.locator("#theme").inner_text() == "Colours: dark"
    assert tab.evaluate(colour) != light


def test_a_link_opens_what_it_leads_into(visit: Any):
    name = "scenario-batch_size-conditions-0"
    tab = visit(fragment=f"#{name}")
    assert tab.locator(f"#{name}").is_visible()
    tab = visit()
    assert not tab.locator(f"#{name}").is_visible()
    tab.evaluate(f"location.hash = '{name}'")
    tab.wait_for_selector(f"#{name}", state="visible")


def test_it_can_be_read_without_script(visit: Any):
    tab = visit(java_script_enabled=False)
    assert tab.locator(".tools >> visible=true").count() == 0
    assert tab.locator("#all-claims tbody tr").count() == 3
    assert tab.locator("nav a").first.is_visible()
