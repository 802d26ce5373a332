"""What the README shows can be run as it stands, and what it links to exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def section(heading):
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README, re.M | re.S))
    return sections[heading]


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_a_command_is_one_line_in_one_block(heading):
    (command,) = blocks("sh", section(heading))
    assert len(command.splitlines()) == 1


def test_the_python_blocks_run_one_after_another(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert capsys.readouterr().out == "".join(blocks("text"))
    saved, kept = names["net"], names["search"].best_estimator_
    assert (saved.predict_proba(names["X"]) == kept.predict_proba(names["X"])).all()


def test_the_examples_of_use_are_the_defaults_and_a_search_of_ten_lines_at_most():
    first, search = blocks("python", section("Use it"))
    assert "ShallowNetClassifier(random_state=0)" in first
    assert "init_scale" in search
    for block in (first, search):
        assert len([line for line in block.splitlines() if line]) <= 10


def test_every_linked_file_exists():
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", README)
    assert links
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing
