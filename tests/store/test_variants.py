"""What was run with settings of one's own is remembered."""

from pathlib import Path

import pytest

from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError
from benchmark.store.variants import Variant, remember, variant_named, variants


def test_a_variant_is_known_by_the_beginning_of_its_name(tmp_path: Path):
    some = [Variant(Asked(settings={"training.epochs": str(n)})) for n in range(40)]
    for each in some:
        remember(tmp_path, each)
    assert variant_named(tmp_path, some[0].asked.name) == some[0]
    with pytest.raises(UserError, match="exactly one"):
        variant_named(tmp_path, "")
    with pytest.raises(UserError, match="'zz', but must be the beginning of exactly one"):
        variant_named(tmp_path, "zz")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"scale": "quick"}', "\0"])
def test_files_that_are_no_variants_are_none(tmp_path: Path, content: str):
    remember(tmp_path, Variant(Asked(seeds=2)))
    (tmp_path / "variants" / "abcdef.json").write_text(content)
    assert len(variants(tmp_path)) == 1
