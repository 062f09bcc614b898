"""Builds a PyTorch model from a factory's name and a file of weights, without running the file."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from netgloss.errors import ModelError

__all__ = ["build_model", "load_weights"]

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights")
_PREFIXES = ("module.", "model.", "_orig_mod.")


def build_model(factory: str, class_count: int) -> nn.Module:
    """The model that the factory makes.

    A function or class is called with ``num_classes=class_count`` where its signature takes
    that, and with no arguments otherwise; a ready ``nn.Module`` is used as it is.

    Args:
        factory: ``package.module:name`` or ``path/to/file.py:name``. The file's folder can be
            imported from meanwhile.
        class_count: How many outputs are expected.

    Raises:
        ModelError: The module, file or name is missing, the factory fails, or what it makes is
            no ``nn.Module``.
    """
    place, colon, name = factory.rpartition(":")
    if not (colon and place and name):
        raise ModelError(
            f"factory '{factory}' names no model; write package.module:name or path/to/file.py:name"
        )
    with _importable(place):
        module = _import_file(factory, Path(place)) if _is_file(place) else _import(factory, place)
        found = _member(factory, module, name)
        made = found if isinstance(found, nn.Module) else _call(factory, found, class_count)
    if not isinstance(made, nn.Module):
        raise ModelError(
            f"{factory}: made a {type(made).__name__}, a torch.nn.Module was expected; "
            "name the function that returns the model"
        )
    return made


def _is_file(place: str) -> bool:
    return place.endswith(".py")


@contextmanager
def _importable(place: str) -> Iterator[None]:
    """Lets a file import its neighbours, and forgets them afterwards.

    Two models may each have a neighbour called ``layers``; the second must not get the first's.
    """
    if not _is_file(place):
        yield
        return
    folder = Path(place).resolve().parent
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if _is_neighbour(sys.modules[name], name, folder):
                del sys.modules[name]


def _is_neighbour(module: ModuleType, name: str, folder: Path) -> bool:
    """Whether the module came straight from the folder, not from an environment inside it."""
    file = getattr(module, "__file__", None)
    if file is None:
        return False
    top = folder / name.partition(".")[0]
    return Path(file) == top.with_suffix(".py") or Path(file).is_relative_to(top)


def _import(factory: str, place: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        hint = "install it, or write path/to/file.py:name if the model lies in a file"
        raise ModelError(f"{factory}: no module named '{error.name}' here; {hint}") from error
    except Exception as error:  # the model's own code may raise anything
        raise ModelError(f"{factory}: importing '{place}' fails: {_said(error)}") from error


def _import_file(factory: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise ModelError(f"{factory}: there is no file '{path}'")
    # A name of its own: the file may be called like a package that is in use.
    name = "netgloss_model_" + sha256(str(path.resolve()).encode()).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the model's own code may raise anything
        del sys.modules[name]
        raise ModelError(f"{factory}: '{path}' cannot be run: {_said(error)}") from error
    return module


def _member(factory: str, module: ModuleType, name: str) -> Any:
    if hasattr(module, name):
        return getattr(module, name)
    from rapidfuzz import process

    public = [each for each in vars(module) if not each.startswith("_")]
    near = [each for each, _, _ in process.extract(name, public, limit=3)]
    raise ModelError(
        f"{factory}: '{name}' is not defined there; the nearest names are {_quoted(near)}"
        if near
        else f"{factory}: '{name}' is not defined there"
    )


def _call(factory: str, make: Any, class_count: int) -> Any:
    if not callable(make):
        raise ModelError(
            f"{factory}: is a {type(make).__name__}; "
            "a function, a class or a torch.nn.Module was expected"
        )
    options = {"num_classes": class_count} if _takes_class_count(make) else {}
    try:
        return make(**options)
    except Exception as error:  # the model's own code may raise anything
        hint = ""
        if isinstance(error, TypeError) and "argument" in str(error):
            hint = "; a factory is called without arguments, or with num_classes where it has it"
        raise ModelError(f"{factory}: fails: {_said(error)}{hint}") from error


def _takes_class_count(make: Callable[..., Any]) -> bool:
    """Whether ``num_classes`` is one of its parameters, or it passes on any, as torchvision's."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(each.name == "num_classes" or each.kind is each.VAR_KEYWORD for each in parameters)


def load_weights(model: nn.Module, path: Path) -> None:
    """Puts the weights of a file into the model.

    Wrappers that training programs add are opened (``{"state_dict": ...}`` and the like, names
    that begin with ``module.``). Nothing in the file is executed.

    Args:
        model: Changed in place.
        path: ``.safetensors``, or what ``torch.save(model.state_dict(), path)`` wrote.

    Raises:
        ModelError: The file is missing, damaged or would run code; or its weights do not fit.
    """
    if not path.is_file():
        raise ModelError(f"{path}: there is no such file of weights")
    state = _unprefixed(_unwrapped(path, _read(path)), model)
    own = model.state_dict()
    # Files from before PyTorch 0.4.1 lack this counter, which evaluation does not use.
    missing = [name for name in own if name not in state and not _is_counter(name)]
    unexpected = [name for name in state if name not in own]
    other = [name for name in state if name in own and state[name].shape != own[name].shape]
    if missing or unexpected or other:
        raise ModelError(_misfit(path, own, state, (missing, unexpected, other)))
    model.load_state_dict(state, strict=False)


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path}: is not a whole safetensors file ({error})") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a file that is something else makes the reader raise anything
        raise ModelError(f"{path}: {_why_not(path, error)}") from error


def _why_not(path: Path, error: Exception) -> str:
    """Why a file is not opened: a pickle that holds more than tensors runs code when opened."""
    if isinstance(error, PermissionError):
        return "cannot be read: permission denied"
    said = str(error)
    if "TorchScript" in said:
        return "is a TorchScript archive; save the weights alone: torch.save(model.state_dict())"
    wanted = re.search(r"GLOBAL (\S+)", said)
    is_pickle = wanted is not None or _first_byte(path) == pickle.PROTO
    if not (is_pickle and isinstance(error, pickle.UnpicklingError)):
        return "is not a whole file of PyTorch weights"
    asks = f" (it asks for {wanted.group(1).rstrip('.')})" if wanted else ""
    return (
        f"holds more than weights{asks}, so opening it would run code of whoever made it; where "
        "it comes from a safe place, load it there and save its weights alone: "
        "torch.save(model.state_dict(), 'weights.pt')"
    )


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)


def _unwrapped(path: Path, content: Any) -> dict[str, Tensor]:
    while isinstance(content, Mapping):
        inner = next((content[key] for key in _WRAPPERS if _holds_tensors(content.get(key))), None)
        if inner is None:
            break
        content = inner
    if not _holds_tensors(content):
        kind = type(content).__name__
        raise ModelError(f"{path}: holds a {kind}, a dictionary of weights was expected")
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}


def _holds_tensors(content: Any) -> bool:
    return isinstance(content, Mapping) and (
        any(isinstance(value, Tensor) for value in content.values())
        or any(_holds_tensors(content.get(key)) for key in _WRAPPERS)
    )


def _unprefixed(state: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Takes off what DataParallel, Lightning and torch.compile put before every name."""
    own = list(model.state_dict())
    while True:
        for prefix in _PREFIXES:
            everywhere = bool(state) and all(name.startswith(prefix) for name in state)
            if everywhere and not any(name.startswith(prefix) for name in own):
                state = {name.removeprefix(prefix): value for name, value in state.items()}
                break
        else:
            return state


def _misfit(
    path: Path,
    own: Mapping[str, Tensor],
    state: Mapping[str, Tensor],
    wrong: tuple[list[str], list[str], list[str]],
) -> str:
    missing, unexpected, other = wrong
    parts = []
    if missing:
        parts.append(f"{len(missing)} missing ({_quoted(missing)})")
    if unexpected:
        parts.append(f"{len(unexpected)} unexpected ({_quoted(unexpected)})")
    if other:
        shapes = [
            f"'{name}' is {_shape(state[name])}, not {_shape(own[name])}" for name in other[:3]
        ]
        parts.append(f"{len(other)} of another shape ({', '.join(shapes)})")
    return (
        f"{path}: the weights do not fit the model's {len(own)}: {'; '.join(parts)}; "
        "the file belongs to another model, or to another number of classes"
    )


def _shape(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a single number"


def _quoted(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > 3 else ""
    return ", ".join(f"'{name}'" for name in names[:3]) + more


def _said(error: Exception) -> str:
    """An exception of someone else's code in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
