"""Figures from synthetic results on disk: nothing is trained here."""

import dataclasses
import subprocess
import sys
import zlib
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from benchmark import (
    FULL,
    MLP,
    SGD,
    Adam,
    Arms,
    Claim,
    Condition,
    Decreases,
    Difference,
    Digits,
    Diverged,
    Equals,
    Final,
    Increases,
    Jitter,
    Level,
    Momentum,
    NoEffect,
    Peaks,
    PowerLaw,
    Ratio,
    RelativeJitter,
    Scenario,
    Training,
    UserError,
    Within,
)
from benchmark.answers.answer import answer
from benchmark.declare.series import recorded
from benchmark.figures import (
    Study,
    bands,
    draw,
    draw_curves,
    draw_doses,
    draw_verdicts,
    heatmap,
    save,
    scatter,
    styled,
)
from benchmark.figures.bands import limits
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.figures.scale import dose_scale
from benchmark.figures.sheet import key_columns, width_of, wrap
from benchmark.figures.study import spread
from benchmark.probes import Sharpness
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.recognition.classifier import Confusion, HeldOut, MixedUp
from benchmark.statistics.recognition.fingerprints import Fingerprint, Mark
from benchmark.store.blocks import Block, Made, to_dataset
from benchmark.store.files import prepare, write
from benchmark.store.results import Results
from benchmark.wording import words

pytestmark = pytest.mark.filterwarnings("error")

BATCH, RATE = "training.batch_size", "optimizer.learning_rate"
EPOCHS, SEEDS = 12, 4
BASE = Condition(
    task=Digits(n_train=64, n_validation=32),
    model=MLP(widths=(4,)),
    optimizer=SGD(learning_rate=0.1),
    training=Training(epochs=EPOCHS, batch_size=16),
    probes=(Sharpness(4),),
)
VERDICT_WORDS = ("supported", "refuted", "undecided")


def synthetic(block: Block) -> dict[str, np.ndarray]:
    """Falling losses whose noise is √(η/B); half of the runs with η ≥ 3 turn infinite."""
    condition, runs = block.condition, block.count
    rng = np.random.default_rng(zlib.crc32(f"{condition.id}{block.first}".encode()))
    rate, steps = condition.settings[RATE], condition.steps_per_epoch
    noise = np.sqrt(rate / condition.batch_size)
    fall = 2.3 * np.exp(-np.arange(EPOCHS + 1) / 5) + 0.05
    loss = fall * np.exp(noise * rng.standard_normal((2, runs, EPOCHS + 1)))
    if rate >= 3:
        loss[:, : runs // 2, EPOCHS // 2 :] = np.inf
        loss[:, : runs // 2, -1] = np.nan
    step = loss[0][..., None] * np.exp(noise * rng.standard_normal((runs, EPOCHS + 1, steps)))
    step[:, 0] = np.nan
    probe = np.full((runs, EPOCHS + 1), np.nan)
    probe[:, ::4] = 2 / rate
    accuracy = np.clip(1 - fall / 2.5 + 0.1 * noise * rng.standard_normal(loss[0].shape), 0, 1)
    series = {
        "train_loss": loss[0], "validation_loss": loss[1], "validation_accuracy": accuracy,
        "step_loss": step, "sharpness": probe,
    }  # fmt: skip
    series = {name: held.astype(np.float32) for name, held in series.items()}
    others = {
        name: np.full((runs, *one_run), np.nan, np.float32)
        for name, one_run in recorded(condition).known.items()
    }
    return others | series


def stored(folder: Path, vary, claims=(), *, dose=None, figure=None) -> Results:
    """A scenario's results, made up and on disk."""
    scenario = Scenario(
        question="Is it so?", says="They say so.", base=BASE, vary=vary, claims=tuple(claims),
        dose=dose, seeds=SEEDS, block=SEEDS, figure=figure,
    )  # fmt: skip
    resolved = dataclasses.replace(scenario, name="made_up").resolve()
    results = Results.at(resolved, folder)
    prepare(results.folder)
    for block in results.all_blocks():
        data = to_dataset(block, synthetic(block), Made("cpu", 1, 0.1))
        write(results.path(block), data)
    return results


def claim(name, measure, expect, **rest) -> Claim:
    return Claim(name, f"It is said that {name}.", measure, expect, **rest)


def words_of(figure: Figure) -> str:
    """Everything that is written in a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))


def squeezed(figure: Figure) -> str:
    """The same without line breaks."""
    return " ".join(words_of(figure).split())


BATCH_CLAIMS = (
    claim("jitter-falls", Jitter("step_loss"), Decreases(BATCH)),
    claim("law", RelativeJitter("train_loss"), PowerLaw(BATCH, -0.5, within=0.3)),
    claim("at-most", RelativeJitter("train_loss"), Within(high=0.5), where={BATCH: 64}),
    claim("noise", RelativeJitter("validation_loss"),
          Equals(lambda c: (0.1 / c.batch_size) ** 0.5, within=0.5)),
    claim("nothing-known", Level("unknown"), Within(low=0)),
)  # fmt: skip


@pytest.fixture(scope="module")
def by_batch(tmp_path_factory) -> Results:
    folder = tmp_path_factory.mktemp("by_batch")
    return stored(folder, {BATCH: (4, 16, FULL)}, BATCH_CLAIMS)


@pytest.fixture(scope="module")
def two_axes(tmp_path_factory) -> Results:
    claims = (
        claim("rises", RelativeJitter("validation_loss"), Increases(RATE)),
        claim("diverges", Diverged(), Peaks(RATE, lambda rest: 3.0, within=1.5)),
        claim("same", Jitter("train_loss"), NoEffect(BATCH, margin=0.2), where={RATE: 0.1}),
    )
    vary = {RATE: (0.1, 3.0), BATCH: (4, 16)}
    return stored(tmp_path_factory.mktemp("two_axes"), vary, claims)


def test_writes_images_of_the_size_of_a_page_and_the_same_bytes_again(by_batch, tmp_path):
    before = dict(matplotlib.rcParams)
    paths = draw(answer(by_batch))
    assert dict(matplotlib.rcParams) == before
    assert [path.name for path in paths] == ["curves.png", "dose.png", "verdicts.png"]
    for path in paths:
        assert path.parent == by_batch.folder / "figures"
        with Image.open(path) as image:
            image.verify()
        with Image.open(path) as image:
            assert image.width == 7.0 * 200
            assert 200 < image.height < 11 * 200
    again = draw(answer(by_batch), tmp_path / "again")
    for first, second in zip(paths, again, strict=True):
        for suffix in (".png", ".svg", ".pdf"):
            whole = first.with_suffix(suffix).read_bytes()
            assert whole == second.with_suffix(suffix).read_bytes(), suffix
            assert str(tmp_path).encode() not in whole
    names = {path.suffix for path in (tmp_path / "again").iterdir()}
    assert names == {".png", ".svg", ".pdf"}


def test_panels_say_what_is_claimed_and_what_became_of_it(by_batch):
    with styled():
        study = Study.of(answer(by_batch))
        said, forest = squeezed(draw_doses(study)), squeezed(draw_verdicts(study))
    verdicts = {verdict.name: verdict.verdict for verdict in study.verdicts}
    assert f"falls with batch size — {verdicts['jitter-falls']}" in said
    assert "goes as batch size to the power −0.5 ± 0.3 — " in said
    assert f"at most 0.5 (at batch size 64) — {verdicts['at-most']}" in said
    assert "Jitter of the minibatch loss" in said
    assert "jitter (nats)" in said
    assert "undecided, no data" in forest
    for each in study.claims:
        assert f"It is said that {each.name}." in forest


def test_curves_show_the_series_of_the_claims_with_units(by_batch):
    with styled():
        said = squeezed(draw_curves(Study.of(answer(by_batch))))
    assert "training loss (nats)" in said
    assert "minibatch loss (nats)" in said
    assert "batch size 64 (all)" in said
    assert "last 100 steps" in said
    assert "epoch" in said


def test_diverged_runs_are_counted_and_break_nothing(two_axes, tmp_path):
    with styled():
        study = Study.of(answer(two_axes))
        curves, doses = draw_curves(study), draw_doses(study)
        assert save(curves, tmp_path / "curves").exists()
        assert save(doses, tmp_path / "dose").exists()
        assert "2 of 4 diverged" in squeezed(curves)
        said = squeezed(doses)
    assert "4 of the 8 runs in 2 conditions diverged" in said
    assert "peaks along learning rate where predicted" in said
    assert "Faint" in said


@pytest.mark.parametrize(
    "vary",
    [{}, {BATCH: (16,)}, {"optimizer": (SGD(0.1), Momentum(0.05), Adam(0.01))}],
    ids=["nothing-varies", "one-dose", "kinds"],
)
def test_any_dose_will_do(tmp_path, vary):
    claims = [claim("small", Final("train_loss"), Within(high=0.5))]
    if "optimizer" in vary:
        arms = {"optimizer": "Adam"}, {"optimizer": "SGD"}
        claims += [claim("ratio", Jitter("train_loss"), Ratio(*arms, low=1.0))]
        claims += [claim("gap", Jitter("train_loss"), Difference(*arms, low=0.0))]
    results = stored(tmp_path, vary, claims)
    with styled():
        study = Study.of(answer(results))
        curves, doses, _ = draw_curves(study), draw_doses(study), draw_verdicts(study)
    assert any(word in words_of(doses) for word in VERDICT_WORDS)
    if "optimizer" in vary:
        assert "Momentum" in words_of(curves)
        assert "β" not in words_of(doses)


def test_arms_keep_their_names_and_axes(tmp_path):
    vary = Arms({"fixed rate": {BATCH: (4, 16)}, "one batch": {RATE: (0.01, 0.1, 1.0)}})
    claims = [
        claim("a", Jitter("train_loss"), Decreases(BATCH), where={"arm": "fixed rate"}),
        claim("b", Jitter("train_loss"), Increases(RATE), where={"arm": "one batch"}),
    ]
    with styled():
        study = Study.of(answer(stored(tmp_path, vary, claims)))
        doses, curves = draw_doses(study), squeezed(draw_curves(study))
    labels = [axes.get_xlabel() for axes in doses.axes if axes.axison]
    assert labels == ["batch size", "learning rate"]
    assert "Jitter of the training loss (one batch)" in squeezed(doses)
    assert "one batch" in curves
    assert "learning rate 0.01" in curves


def test_a_factorial_is_summarised_by_its_mean(tmp_path):
    vary = {RATE: (0.01, 0.1), BATCH: (4, 16), "model.dropout": (0.0, 0.5),
            "task.mislabelled": (0.0, 0.1)}  # fmt: skip
    claims = [claim("rate", Jitter("train_loss"), Increases(RATE))]
    with styled():
        figure = draw_doses(Study.of(answer(stored(tmp_path, vary, claims))))
    keys = [text.get_text() for text in figure.legends[0].get_texts()]
    assert keys == ["one setting of everything else", "mean over these settings"]


def test_special_figures_and_helpers(tmp_path):
    def special(figure, conditions):
        left, right = figure.subplots(1, 2)
        heatmap(
            left, conditions, Jitter("validation_loss"), RATE, BATCH, lambda b: b / 100, "line"
        )
        scatter(right, conditions, Final("train_loss"), Final("validation_loss"), by=RATE)
        assert "final training loss (nats)" in words_of(figure)

    vary = {RATE: (0.01, 3.0), BATCH: (4, 16)}
    results = stored(tmp_path, vary, figure=special)
    assert [path.stem for path in draw(answer(results))] == ["curves", "dose", "special"]


def test_a_broken_special_figure_is_an_error_in_one_sentence(tmp_path):
    def special(figure, conditions):
        raise ValueError("no such thing")

    results = stored(tmp_path, {BATCH: (4, 16)}, figure=special)
    with pytest.raises(UserError, match="special figure .* ValueError: no such thing"):
        draw(answer(results))
    assert (results.folder / "figures" / "curves.png").exists()


def test_nothing_stored_is_an_error(tmp_path):
    results = stored(tmp_path, {BATCH: (4, 16)})
    with pytest.raises(UserError, match="Nothing of 'made_up' is stored"):
        draw(answer(Results.at(results.resolved, tmp_path / "elsewhere")))


def test_quantiles_count_infinite_runs_as_high():
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0], [4.0, np.inf], [5.0, np.inf]])
    held = bands(values, np.arange(2))
    np.testing.assert_allclose(held.quantiles[:, 0], [1.2, 2.0, 3.0, 4.0, 4.8])
    assert held.quantiles[2, 1] == np.inf
    low, high, logarithmic = limits([held], loss=True)
    assert (low < 1, high > 5, logarithmic) == (True, True, False)


def test_probes_are_joined_over_the_epochs_between():
    values = np.array([[1.0, np.nan, 2.0, np.nan], [3.0, np.nan, 4.0, np.nan]])
    held = bands(values, np.arange(4))
    assert held.times.tolist() == [0, 2]
    assert np.isfinite(held.quantiles).all()


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ((1, 2, 4, 1024), "log"),
        ((0.0, 0.1, 0.2, 0.4), "linear"),
        ((-1.0, 0.0, 1.0), "linear"),
        ((0.9, 0.99, 0.999), "names"),
        ((0.0, 1e-7, 1.0), "names"),
        (("SGD", "Adam"), "names"),
        ((None, 0.5), "names"),
        ((False, True), "names"),
        ((3,), "names"),
    ],
)
def test_the_scale_tells_doses_apart(levels, kind):
    scale = dose_scale("a.b", levels, [str(level) for level in levels])
    assert scale.kind == kind
    ends = scale.reach(levels)
    places = scale.places(levels)
    assert ends[0] < places.min() <= places.max() < ends[1]


def test_words():
    assert words.setting("optimizer.learning_rate") == "learning rate"
    assert words.settings(["task.noise", "probe.noise"])["task.noise"] == "task noise"
    assert words.level(None) == "none"
    assert words.level(True) == "on"
    assert words.level(1024) == "1024"
    assert words.level(1e-5) == "1\u00a0×\u00a010⁻⁵"
    assert words.levels((1, 2, 4)) == "1…4"
    assert words.levels(("a", "b")) == "a, b"
    unit = "½ squared error"
    assert Jitter("train_loss").axis("squared_error", False) == f"jitter ({unit})"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"


def test_lines_and_keys_fit():
    text = "a sentence that is longer than its column"
    assert all(width_of(line, 7) <= 60 for line in wrap(text, 60, 7))
    assert " ".join(wrap(text, 60, 7)) == text
    assert key_columns(["short", "short"], 500, 7) == 2
    assert key_columns(["long " * 30, "short"], 100, 7) == 1
    assert spread(9, 5) == [0, 2, 4, 6, 8]
    assert spread(2, 5) == [0, 1]


def test_the_package_does_not_load_matplotlib_with_the_declarations():
    code = "import benchmark, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- who is taken for whom ----------------------------------------------------------------


def said(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


def test_confusions_tell_how_many_are_right_and_frame_who_is_mixed_up():
    names = ("healthy", "small batch", "leak")
    shares = ((1.0, 0.0, 0.0), (0.1, 0.5, 0.4), (0.0, 0.42, 0.58))
    pair = MixedUp(("small batch", "leak"), 0.41)

    def matrix(held_out: HeldOut, right: float, mixed_up: tuple[MixedUp, ...]) -> Confusion:
        accuracy = Interval(right, right - 0.1, right + 0.1)
        return Confusion(held_out, names, shares, accuracy, {}, 1 / 3, mixed_up, 96)

    found = [matrix("runs", 0.69, (pair,)), matrix("systems", 0.34, ())]
    with styled():
        figure = draw_confusions(found)
    text = said(figure)
    assert "69% of new runs of known systems and in 34% of runs of a new system" in text
    assert "guess is right in 33%" in text and "2 leak" in text
    frames = [len(axes.lines) for axes in figure.axes]
    assert frames == [2, 0]
    assert {"100", "50", "42", "58"} <= {t.get_text() for t in figure.axes[0].texts}


def test_fingerprints_mark_what_is_sure_and_its_side():
    def mark(feature: str, shift: float, margin: float) -> Mark:
        return Mark(feature, Interval(shift, shift - margin, shift + margin))

    rows = [
        Fingerprint("small batch", system, (mark("jitter", 6.0, 1.0), mark("level", 0.1, 1.0)))
        for system in ("all", "digits")
    ] + [Fingerprint("leak", "all", (mark("jitter", 0.0, 1.0), mark("level", -2.0, 1.0)))]
    with styled():
        figure = draw_fingerprints(rows)
    assert "2 of 2 causes leave a mark" in said(figure) and "(mean over digits)" in said(figure)
    drawn = ((line.get_marker(), np.array(line.get_data()).T) for line in figure.axes[0].lines)
    places = {marker: [tuple(place) for place in at] for marker, at in drawn if len(at)}
    assert places == {"+": [(0.5, 0.5)], "_": [(1.5, 1.5)], "o": [(1.5, 0.5), (0.5, 1.5)]}
