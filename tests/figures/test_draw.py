"""Figures from synthetic results on disk: nothing is trained here."""

import dataclasses
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
    draw,
    draw_curves,
    draw_doses,
    draw_verdicts,
    heatmap,
    save,
    scatter,
    styled,
)
from benchmark.probes import Sharpness
from benchmark.store.blocks import Block
from benchmark.store.results import Results
from helpers.figures import written
from helpers.shell import python
from helpers.stored import store

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
    return store(Results.at(resolved, folder), synthetic)


def claim(name, measure, expect, **rest) -> Claim:
    return Claim(name, f"It is said that {name}.", measure, expect, **rest)


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
        said, forest = written(draw_doses(study)), written(draw_verdicts(study))
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
        said = written(draw_curves(Study.of(answer(by_batch))))
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
        assert "2 of 4 diverged" in written(curves)
        said = written(doses)
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
    assert any(word in written(doses) for word in VERDICT_WORDS)
    if "optimizer" in vary:
        assert "Momentum" in written(curves)
        assert "β" not in written(doses)


def test_arms_keep_their_names_and_axes(tmp_path):
    vary = Arms({"fixed rate": {BATCH: (4, 16)}, "one batch": {RATE: (0.01, 0.1, 1.0)}})
    claims = [
        claim("a", Jitter("train_loss"), Decreases(BATCH), where={"arm": "fixed rate"}),
        claim("b", Jitter("train_loss"), Increases(RATE), where={"arm": "one batch"}),
    ]
    with styled():
        study = Study.of(answer(stored(tmp_path, vary, claims)))
        doses, curves = draw_doses(study), written(draw_curves(study))
    labels = [axes.get_xlabel() for axes in doses.axes if axes.axison]
    assert labels == ["batch size", "learning rate"]
    assert "Jitter of the training loss (one batch)" in written(doses)
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
        assert "final training loss (nats)" in written(figure)

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


def test_the_package_does_not_load_matplotlib_with_the_declarations():
    code = "import benchmark, sys; sys.exit('matplotlib' in sys.modules)"
    assert python(code).returncode == 0


def said(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
