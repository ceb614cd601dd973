"""The posts' data: every statement is tested by a claim that exists; mistakes are told."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmark import UserError
from benchmark.declare.load import load_file
from benchmark.declare.places import project_root, scenario_files
from benchmark.declare.scenario import Resolved
from benchmark.declare.series import recorded
from benchmark.measures import VonNeumann
from benchmark.posts import Post, posts, statements, symptoms
from benchmark.statistics.selection import ConditionResult, select
from helpers import ROOT

FILES = scenario_files()

RIGHT = """
title = "a post"

[rebuilt]
title = "as posted"
scenario = "batch_size"
where = { "training.batch_size" = 4 }
train = "train_loss"

[log]
loss = [0.5, 1]
acc = [0.5, 1]
val_loss = [0.5, 1]
val_acc = [0.5, 1]

[[statements]]
says = "It jumps."
claim = "batch_size/epoch-jitter"
nearest = true
"""


@pytest.mark.parametrize("name", sorted({statement.scenario for statement in statements()}))
def test_scenario_has_the_claims(name: str) -> None:
    claims = {claim.name for claim in load_file(FILES[name]).claims}
    assert {s.claim for s in statements() if s.scenario == name} <= claims


def test_every_post_says_something_and_nothing_twice() -> None:
    assert [post.letter for post in posts()] == ["A", "B", "C", "D", "E"]
    assert {statement.post for statement in statements()} == {post.letter for post in posts()}
    said = [(statement.post, statement.says) for statement in statements()]
    assert len(said) == len(set(said))
    assert len(statements()) >= 30


@pytest.mark.parametrize("post", posts(), ids=lambda post: post.letter)
def test_a_post_is_rebuilt_by_a_condition_that_there_is(post: Post) -> None:
    resolved: Resolved = load_file(FILES[post.rebuilt.scenario]).resolve()
    members = [
        ConditionResult(m.condition.id, m.condition, resolved.settings(m), {})
        for m in resolved.members
    ]
    for member in select(members, post.rebuilt.where):
        known, _ = recorded(member.condition)
        assert {post.rebuilt.train, post.rebuilt.validation or post.rebuilt.train} <= set(known)


def test_posts_are_no_scenarios() -> None:
    assert (project_root() / "scenarios" / "posts").is_dir()
    assert not {"posts", "symptoms", "A"} & FILES.keys()


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    assert posts(tmp_path / "none") == () and symptoms(tmp_path / "none.toml") == ()
    (tmp_path / "Z.toml").write_text(RIGHT)
    (post,) = posts(tmp_path)
    assert (post.letter, post.title) == ("Z", "a post")
    assert post.rebuilt.where == {"training.batch_size": 4} and post.rebuilt.validation is None
    assert post.log is not None and post.log.acc == (0.5, 1.0)
    (said,) = statements(tmp_path)
    assert (said.post, said.scenario, said.claim) == ("Z", "batch_size", "epoch-jitter")
    assert said.nearest


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "a post"', "", "lacks 'title'."),
        ('title = "a post"', "title = 3", "Post.title is 3, but must be a text."),
        ('title = "a post"', 'titel = "a post"', "Did you mean 'title'?"),
        ('title = "a post"', "title = a post", "is no TOML"),
        ("[rebuilt]", "[rebuild]", "Did you mean 'rebuilt'?"),
        ('train = "train_loss"', "", "rebuilt of .* lacks 'train'"),
        ("loss = [0.5, 1]", "loss = [0.5]", "equally many epochs"),
        ("acc = [0.5, 1]", 'acc = ["half"]', r"In log of .*: Log.acc\[0\] is 'half'"),
        ("[log]", "[log]\nmae = [1]", r"A key of log of .* is 'mae', but must be one of"),
        ("[[statements]]", "[statements]", r"must be tables \[\[statements\]\]"),
        ('says = "It jumps."', "", r"statements\[0\] of .* lacks 'says'"),
        ("batch_size/epoch-jitter", "epoch-jitter", "must be 'scenario/claim'"),
        ("nearest = true", "nearest = 1", "Statement.nearest is 1, but must be true or false"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str):
    (tmp_path / "Z.toml").write_text(RIGHT.replace(old, new, 1))
    with pytest.raises(UserError, match=told) as caught:
        posts(tmp_path)
    assert "Z.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "lacks 'symptoms'"),
        ("[[symptoms]]\nsays = 'it jumps'", "symptoms[0] of"),
        ("[[symptoms]]\nsays = 'it jumps'\nscenarios = 'optimizer'", "must be a tuple"),
    ],
)
def test_a_mistake_in_the_symptoms_is_told(tmp_path: Path, text: str, told: str):
    path = tmp_path / "symptoms.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(told)):
        symptoms(path)


def test_logs_are_as_printed() -> None:
    """Post A's accuracies are those of 128 samples; post B's alternate in all 39 epochs."""
    logs = {post.letter: post.log for post in posts() if post.log is not None}
    assert logs.keys() == {"A", "B"}
    seen = np.array(logs["A"].val_acc) * 128
    assert np.abs(seen - seen.round()).max() < 0.01
    accuracy = np.array(logs["B"].val_acc)
    assert len(accuracy) == 39
    assert VonNeumann("accuracy").of_curves(accuracy[None])[0] > 3.7
    assert (np.diff(accuracy)[1:] * np.diff(accuracy)[:-1] < 0).all()


def test_the_readme_has_the_same_symptoms():
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").split("| your curve | run |\n")[1]
    )
    rows = [line.strip("|").split(" | ") for line in section.split("\n\n")[0].splitlines()[1:]]
    told = [(says.strip(), tuple(re.findall(r"`(.+?)`", names))) for says, names in rows]
    assert told == [(symptom.says, symptom.scenarios) for symptom in symptoms()]
    assert {name for _, names in told for name in names} <= scenario_files().keys()
