"""The examples in docstrings and in CONTRIBUTING.md, run as they stand."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import benchmark as bm
from benchmark.declare.source import PACKAGE

MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text()
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name: str):
    module = import_module(name.removesuffix(".__init__"))
    # Their classes are a reader's own, and none of the package.
    outcome = doctest.testmod(module, extraglobs={"__name__": "examples"})
    assert outcome.attempted and not outcome.failed


def test_a_file_with_everything_of_one_s_own(tmp_path: Path):
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (whole,) = re.findall(r"```python\n(from dataclasses.*?)```", text, re.DOTALL)
    (tmp_path / "spirals.py").write_text(whole, encoding="utf-8")
    held = bm.find("spirals", [tmp_path]).resolve(seeds=2)
    assert bm.run(held, tmp_path, options=bm.Options("inline"), progress=False).computed == 3
    curves = bm.load(held, results=tmp_path)
    assert curves.sizes == {"condition": 3, "run": 2, "epoch": 6, "step": 4}
    assert (curves["weight_norm"] > 0).all()
    assert float(curves["train_loss"].isel(epoch=-1).mean()) < 0.69
    assert list(bm.verdicts(held, results=tmp_path).expected) == ["slope along width below 0"]
    assert "growth of the weight norm" in bm.summary(held, results=tmp_path).words[0]
