"""No value that is secret by nature stands in a stack's state in clear, and nothing of the machine: DEL-1, SEC-1.

Which values these are, the cloud of the tests and the SDK say: the one made them up, the other knows where.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cloud import tokens as t
from engine.in_clear import in_clear, machine_paths, secrets_of
from engine.project import Project, build_compiler
from engine.stack import engine

if TYPE_CHECKING:
    from pathlib import Path

    from engine.stack import Engine, Stack

LAYER = "aws:lambda/layerVersion:LayerVersion"
PRIVATE_KEY = "tls:index/privateKey:PrivateKey"
# What the program says, and did not always say.
RELATIVE = "_from_here(Path(file.locate()))"
MARK = 'additional_secret_outputs=["value"],'


def problems(engine: Engine, stack: Stack) -> list[str]:
    """Secrets in clear: in what `pulumi stack export` gives, and in all that the backend has now."""
    found = secrets_of(engine.cloud)
    kinds = {place.split(" ")[0] for place in found.values()}
    assert {t.API_KEY, PRIVATE_KEY} <= kinds, kinds
    return [
        place
        for text in (stack.exported(), *engine.state_files())
        for place in in_clear(text, found)
    ]


def test_every_secret_is_encrypted(tmp_path: Path) -> None:
    """After each kind of run, and in every version that the backend keeps."""
    build_compiler()
    project = Project(tmp_path / "project")
    with engine(tmp_path / "home", checkpoints=True) as running:
        stack = running.stack(project.folder)
        stack.up()
        assert problems(running, stack) == []
        assert stack.refresh().changes() == []
        assert problems(running, stack) == []
    found = secrets_of(running.cloud)
    kept = [text for text in running.kept_files() if PRIVATE_KEY in text]
    assert len(kept) > len(running.state_files())
    assert [place for text in kept for place in in_clear(text, found)] == []
    assert [place for text in kept for place in machine_paths(text, project.folder)] == []


def test_an_older_state_is_cleaned_without_a_change(fresh_engine: Engine, tmp_path: Path) -> None:
    """A stack that was deployed without the marks gets them by the next `up`, which changes nothing in the cloud."""
    build_compiler()
    project = Project(tmp_path)
    module = project.folder / "components" / "api_stage.py"
    archives = project.folder / "archives.py"
    marked, relative = module.read_text(), archives.read_text()
    assert MARK in marked
    assert RELATIVE in relative
    module.write_text(marked.replace(MARK, ""))
    archives.write_text(relative.replace(RELATIVE, "str(file.locate())"))
    stack = fresh_engine.stack(project.folder)
    stack.up()
    open_keys = problems(fresh_engine, stack)
    assert open_keys, "the keys of clients would lie open without the marks"
    assert all("UsagePlanKey" in place for place in open_keys), open_keys
    absolute = machine_paths(stack.exported(), project.folder)
    assert {place.split("::")[-2].split("$")[-1] for place in absolute} == {LAYER}
    module.write_text(marked)
    archives.write_text(relative)
    run = stack.up()
    assert run.changes() == []
    assert problems(fresh_engine, stack) == []
    # What the engine was told of the layer when it was made, it keeps until the layer changes.
    left = machine_paths(stack.exported(), project.folder)
    assert all("/outputs/code/" in place for place in left), left


@pytest.mark.parametrize(
    "hidden",
    [
        '{"outputs": {"value": "0123456789abcdef"}}',
        '{"outputs": {"url": "https://example.com/?key=0123456789abcdef"}}',
        '{"outputs": {"0123456789abcdef": true}}',
        '{"outputs": {"data": "MDEyMzQ1Njc4OWFiY2RlZg=="}}',
        json.dumps({"pem": "-----BEGIN-----\n0123456789abcdef\n-----END-----"}),
    ],
)
def test_a_secret_is_found_in_any_form(hidden: str) -> None:
    assert in_clear(hidden, ["0123456789abcdef"])
    assert (
        in_clear(hidden.replace("0123456789abcdef", "x").replace("MDEy", "x"), ["0123456789abcdef"])
        == []
    )
