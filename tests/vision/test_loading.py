from __future__ import annotations

import argparse
import pickle
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier
from netgloss.vision.loading import build_model, load_weights

NET = """
from torch import nn


class Net(nn.Module):
    def __init__(self, num_classes=3):
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, num_classes)

    def forward(self, x):
        return self.head(self.norm(self.body(x)).mean(dim=(2, 3)))


def build():
    return Net()


def passes_on(**options):
    return Net(**options)


def needs(size):
    return Net(size)


def fails():
    raise ValueError("no weights\\nhere")


def text():
    return "model"


ready = Net()
number = 7
"""


def file(folder: Path, text: str, name: str = "nets.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return path


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    return file(tmp_path, NET)


def outputs(model: nn.Module) -> int:
    return model(torch.zeros(2, 3, 8, 8)).shape[1]


@pytest.mark.parametrize(
    ("name", "count"), [("build", 3), ("Net", 5), ("passes_on", 5), ("ready", 3)]
)
def test_a_factory_gets_the_number_of_classes_where_it_takes_it(
    nets: Path, name: str, count: int
) -> None:
    assert outputs(build_model(f"{nets}:{name}", 5)) == count


def test_a_module_on_the_path_is_imported() -> None:
    assert isinstance(build_model("torch.nn:Identity", 2), nn.Identity)
    assert isinstance(build_model("torch.nn.modules.linear:Identity", 2), nn.Identity)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("buidl", r"'buidl' is not defined there; the nearest names are 'build'"),
        ("needs", r"fails: TypeError: needs\(\) missing.*called without arguments"),
        ("fails", r"fails: ValueError: no weights here"),
        ("text", r"made a str, a torch.nn.Module was expected"),
        ("number", r"is a int; a function, a class or a torch.nn.Module was expected"),
    ],
)
def test_a_factory_that_makes_no_model_is_named(nets: Path, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        build_model(f"{nets}:{name}", 3)
    assert str(caught.value).startswith(f"{nets}:{name}: ")


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("nets", "names no model; write package.module:name or path/to/file.py:name"),
        (":build", "names no model"),
        ("nets.py:", "names no model"),
        ("no_such_package.nets:build", "no module named 'no_such_package' here; install it"),
        ("json.nothing:build", "no module named 'json.nothing'"),
        ("missing/nets.py:build", "there is no file 'missing/nets.py'"),
    ],
)
def test_a_factory_that_is_nowhere_is_named(factory: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        build_model(factory, 3)
    assert message in str(caught.value)
    assert factory in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def build(:\n", "SyntaxError"),
        ("import no_such_package\n", "No module named 'no_such_package'"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_a_file_that_cannot_be_run_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = file(tmp_path, text)
    before = set(sys.modules)
    with pytest.raises(ModelError, match=message):
        build_model(f"{path}:build", 3)
    assert set(sys.modules) == before


def test_each_file_imports_its_own_neighbours(tmp_path: Path) -> None:
    """Both import ``parts``, one while it is run and one only when it is called."""
    path, modules = list(sys.path), None
    for size in (2, 5):
        folder = tmp_path / str(size)
        folder.mkdir()
        file(folder, f"SIZE = {size}\n", "parts.py")
        file(
            folder,
            """
            import parts
            from torch import nn

            def early():
                return nn.Linear(1, parts.SIZE)

            def late():
                from parts import SIZE
                return nn.Linear(1, SIZE)
            """,
        )
        for name in ("early", "late"):
            assert build_model(f"{folder / 'nets.py'}:{name}", 9).out_features == size
        assert "parts" not in sys.modules
        modules = modules or set(sys.modules)
    assert sys.path == path


def test_a_file_may_be_called_like_a_package(tmp_path: Path) -> None:
    import json

    path = file(
        tmp_path, "from torch import nn\n\ndef build():\n    return nn.Identity()\n", "json.py"
    )
    assert isinstance(build_model(f"{path}:build", 3), nn.Identity)
    assert sys.modules["json"] is json


def filled(value: float) -> dict[str, torch.Tensor]:
    state = nn.Linear(2, 3).state_dict()
    return {name: torch.full_like(tensor, value) for name, tensor in state.items()}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": state, "optimizer": {"lr": 0.1}},
        lambda state: {"model": {"state_dict": state}},
        lambda state: {f"module.{name}": value for name, value in state.items()},
        lambda state: {f"module._orig_mod.{name}": value for name, value in state.items()},
        lambda state: {"state_dict": {f"model.{name}": value for name, value in state.items()}},
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_weights_come_out_of_their_wrappers(tmp_path: Path, wrap: Any, new: bool) -> None:
    path = tmp_path / "weights.pt"
    torch.save(wrap(filled(0.25)), path, _use_new_zipfile_serialization=new)
    model = nn.Linear(2, 3)
    load_weights(model, path)
    assert (model.weight == 0.25).all()
    assert (model.bias == 0.25).all()


def test_a_prefix_that_is_the_models_own_stays(tmp_path: Path) -> None:
    model = nn.Sequential()
    model.add_module("module", nn.Linear(2, 3))
    torch.save({f"module.{name}": value for name, value in filled(0.5).items()}, tmp_path / "w.pt")
    load_weights(model, tmp_path / "w.pt")
    assert (model.module.weight == 0.5).all()


def test_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(filled(0.75), path)
    model = nn.Linear(2, 3)
    load_weights(model, path)
    assert (model.weight == 0.75).all()
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelError, match="is not a whole safetensors file"):
        load_weights(model, path)


def test_half_precision_weights_fill_a_single_precision_model(tmp_path: Path) -> None:
    torch.save({name: value.half() for name, value in filled(0.5).items()}, tmp_path / "w.pt")
    model = nn.Linear(2, 3)
    load_weights(model, tmp_path / "w.pt")
    assert model.weight.dtype == torch.float32
    assert (model.weight == 0.5).all()


def test_old_weights_may_lack_the_counter_of_batch_norm(tmp_path: Path) -> None:
    state = nn.BatchNorm2d(2).state_dict()
    del state["num_batches_tracked"]
    torch.save(state, tmp_path / "w.pt")
    load_weights(nn.BatchNorm2d(2), tmp_path / "w.pt")


class Trap:
    """Touches a file when it is opened as a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_weights_that_would_run_code_are_refused_unopened(
    tmp_path: Path, wrapped: bool, new: bool
) -> None:
    sprung, path = tmp_path / "sprung", tmp_path / "weights.pt"
    trap = {"state_dict": filled(0.0), "extra": Trap(sprung)} if wrapped else Trap(sprung)
    torch.save(trap, path, _use_new_zipfile_serialization=new)
    with pytest.raises(ModelError) as caught:
        load_weights(nn.Linear(2, 3), path)
    assert "would run code of whoever made it" in str(caught.value)
    assert "torch.save(model.state_dict(), 'weights.pt')" in str(caught.value)
    assert not sprung.exists()
    torch.load(path, weights_only=False)
    assert sprung.exists()  # the trap does spring where it is opened


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_plain_pickle_is_refused_unopened(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(pickle.dumps({"weight": Trap(tmp_path / "sprung")}, protocol))
    with pytest.raises(ModelError, match="would run code of whoever made it"):
        load_weights(nn.Linear(2, 3), path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        (nn.Linear(2, 3), "torch.nn.modules.linear.Linear"),
        ({"state_dict": filled(0.0), "args": argparse.Namespace(a=1)}, "argparse.Namespace"),
    ],
)
def test_a_whole_model_or_checkpoint_says_what_it_asks_for(
    tmp_path: Path, content: Any, asked: str
) -> None:
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(ModelError, match=rf"it asks for {asked}\)"):
        load_weights(nn.Linear(2, 3), tmp_path / "w.pt")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html>", bytes(300), b"PK\x03\x04" + bytes(9)]
)
def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not a whole file of PyTorch weights"):
        load_weights(nn.Linear(2, 3), path)
    torch.save(filled(0.0), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match="is not a whole file of PyTorch weights"):
        load_weights(nn.Linear(2, 3), path)
    with pytest.raises(ModelError, match="there is no such file"):
        load_weights(nn.Linear(2, 3), tmp_path / "none.pt")


@pytest.mark.parametrize("content", [[filled(0.0)], {"epoch": 3}, torch.zeros(3), {}])
def test_a_file_without_a_dictionary_of_weights_is_refused(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(ModelError, match="a dictionary of weights was expected"):
        load_weights(nn.Linear(2, 3), tmp_path / "w.pt")


def test_weights_that_do_not_fit_are_counted_and_named(tmp_path: Path) -> None:
    model = nn.Sequential(*[nn.Linear(2, 2) for _ in range(5)])
    state = model.state_dict()
    for number in (0, 1):
        del state[f"{number}.weight"], state[f"{number}.bias"]
    state["extra"] = torch.zeros(1)
    state["4.weight"] = torch.zeros(7, 2)
    torch.save(state, tmp_path / "w.pt")
    before = model.state_dict()["3.weight"].clone()
    with pytest.raises(ModelError) as caught:
        load_weights(model, tmp_path / "w.pt")
    assert (
        "do not fit the model's 10: 4 missing ('0.weight', '0.bias', '1.weight', ...); "
        "1 unexpected ('extra'); 1 of another shape ('4.weight' is 7x2, not 2x2)"
    ) in str(caught.value)
    assert torch.equal(model.state_dict()["3.weight"], before)


def test_a_classifier_is_loaded_from_a_file_and_its_weights(nets: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    trained = build_model(f"{nets}:Net", 4).eval()
    torch.save(trained.state_dict(), tmp_path / "w.pt")
    classifier = Classifier.load(
        f"{nets}:Net", tmp_path / "w.pt", ["a", "b", "c", "d"], 8, device="cpu"
    )
    inputs = torch.randn(2, 3, 8, 8)
    assert torch.allclose(classifier.logits(inputs), trained(inputs), atol=1e-6)
    with pytest.raises(ModelError, match="has 3 outputs but 4 classes"):
        Classifier.load(f"{nets}:build", None, ["a", "b", "c", "d"], 8, device="cpu")
    with pytest.raises(ModelError, match=r"'head.weight' is 4x4, not 3x4"):
        Classifier.load(f"{nets}:Net", tmp_path / "w.pt", ["a", "b", "c"], 8, device="cpu")
