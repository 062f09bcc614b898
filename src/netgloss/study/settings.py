"""``study.toml``: the classifier, the image source and the options of each stage."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import StudyError
from netgloss.store.atomic import write_text

if TYPE_CHECKING:
    from netgloss.vision.geometry import Placement, Resize

__all__ = ["ModelSettings", "Settings", "relative_to_study"]

FILE = "study.toml"
SCHEMA = 1


@dataclass(frozen=True)
class ModelSettings:
    """How to build the classifier and how an image reaches it.

    Args:
        factory: ``package.module:name`` or ``path/to/file.py:name``.
        weights: File of weights; None when the factory brings them.
        classes: Class names in the order of the model's outputs.
        input_size: Height and width in pixels.
        resize: ``squash`` or ``crop``.
        crop_ratio: Crop side over resized side; 1.0 unless the model was trained otherwise.
        mean: Per-channel mean after scaling to [0, 1].
        std: Per-channel standard deviation after scaling to [0, 1].
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        precision: ``float32``, ``bfloat16`` or ``float16``.
    """

    factory: str
    classes: tuple[str, ...]
    input_size: tuple[int, int]
    weights: str | None = None
    resize: Resize = "squash"
    crop_ratio: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    device: str = "auto"
    precision: str = "float32"

    def placement(self, width: int, height: int) -> Placement:
        """Where the classifier's input lies on an image of this size; needs no tensor library."""
        from netgloss.vision.geometry import Placement

        return Placement(width, height, *self.input_size, self.resize, self.crop_ratio)


@dataclass(frozen=True)
class Settings:
    """What ``study.toml`` says.

    Args:
        source: The image source, relative to the study folder where it lies near.
        model: The classifier; None when predictions were given instead.
        predictions: The file the predictions were taken from; None when the model made them.
        stages: Options by stage name, for example ``{"words": {"preset": "seca-2021"}}``.
    """

    source: str
    model: ModelSettings | None = None
    predictions: str | None = None
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def stage(self, name: str) -> dict[str, Any]:
        """The options of one stage, as a copy."""
        return dict(self.stages.get(name, {}))

    def with_stage(self, name: str, options: Mapping[str, Any]) -> Settings:
        """The same settings with one stage's options replaced; None values are left out."""
        kept = {key: value for key, value in options.items() if value is not None}
        return replace(self, stages={**self.stages, name: kept})

    def save(self, folder: Path) -> None:
        """Writes ``study.toml``, keeping the comments of one that is there."""
        import tomlkit

        path = folder / FILE
        if path.exists():
            document = tomlkit.parse(path.read_text(encoding="utf-8"))
        else:
            document = tomlkit.document()
            document.add(tomlkit.comment("A Netgloss study. Paths are relative to this folder."))
        for section, values in self._sections().items():
            if section not in document:
                document[section] = tomlkit.table()
            table: Any = document[section]
            for key in [key for key in table if key not in values]:
                del table[key]
            for key, value in values.items():
                if key not in table or table[key] != value:
                    table[key] = value
        write_text(path, tomlkit.dumps(document))

    def _sections(self) -> dict[str, dict[str, Any]]:
        sections: dict[str, dict[str, Any]] = {"study": {"schema": SCHEMA}}
        sections["images"] = {"source": self.source}
        if self.model is not None:
            values = {item.name: getattr(self.model, item.name) for item in fields(self.model)}
            sections["model"] = {key: _plain(v) for key, v in values.items() if v is not None}
        if self.predictions is not None:
            sections["predictions"] = {"file": self.predictions}
        for name, options in self.stages.items():
            sections[name] = {key: _plain(value) for key, value in options.items()}
        return sections

    @classmethod
    def load(cls, folder: Path) -> Settings:
        """Reads ``study.toml``.

        Raises:
            StudyError: No study here, not valid TOML (with line and column), or a setting that
                is missing, unknown or of the wrong kind.
        """
        path = folder / FILE
        if not path.is_file():
            raise StudyError(
                f"{folder}: no study here (study.toml is missing); "
                f"make one with: netgloss new {folder} --images DIR --model FACTORY ..."
            )
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise StudyError(f"{path}: not valid TOML: {error}") from error
        except OSError as error:
            raise StudyError(f"{path}: cannot be read: {error.strerror}") from error
        return _from_data(path, data)


def relative_to_study(target: Path, folder: Path) -> str:
    """How the study writes a path down: relative where both lie near each other, else absolute.

    Near means within two folders above the study, so that a study and its images move together.
    """
    target = target.resolve()
    relative = os.path.relpath(target, folder.resolve())
    return str(target) if relative.startswith("../../../") else Path(relative).as_posix()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _from_data(path: Path, data: dict[str, Any]) -> Settings:
    schema = _section(path, data, "study").get("schema")
    if schema != SCHEMA:
        raise StudyError(f"{path}: [study] schema is {schema!r}; {SCHEMA} was expected")
    source = _section(path, data, "images").get("source")
    if not isinstance(source, str):
        raise StudyError(f"{path}: [images] source must be a text: the folder or CSV of the images")
    known = {"study", "images", "model", "predictions"}
    model = _model(path, _section(path, data, "model")) if "model" in data else None
    predictions = _section(path, data, "predictions").get("file") if "predictions" in data else None
    stages = {name: _section(path, data, name) for name in data if name not in known}
    return Settings(source, model, predictions, stages)


def _section(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    if not isinstance(data.get(name), dict):
        raise StudyError(f"{path}: the section [{name}] is missing")
    section: dict[str, Any] = data[name]
    return section


_KINDS: dict[str, tuple[type, ...]] = {
    "factory": (str,),
    "weights": (str,),
    "classes": (list,),
    "input_size": (list, int),
    "resize": (str,),
    "crop_ratio": (float, int),
    "mean": (list,),
    "std": (list,),
    "device": (str,),
    "precision": (str,),
}


def _model(path: Path, section: dict[str, Any]) -> ModelSettings:
    for key, value in section.items():
        if key not in _KINDS:
            raise StudyError(f"{path}: [model] has no setting '{key}'; known: {', '.join(_KINDS)}")
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            kind = _KINDS[key][0].__name__
            raise StudyError(f"{path}: [model] {key} = {value!r} is not a {kind}")
    for key in ("factory", "classes", "input_size"):
        if key not in section:
            raise StudyError(f"{path}: [model] lacks '{key}'")
    size = section["input_size"]
    values = {
        **section,
        "classes": tuple(str(name) for name in section["classes"]),
        "input_size": (size, size) if isinstance(size, int) else tuple(size),
    }
    for key in ("mean", "std"):
        if key in section:
            values[key] = tuple(float(number) for number in section[key])
    for key, length in (("input_size", 2), ("mean", 3), ("std", 3)):
        if key in values and len(values[key]) != length:
            raise StudyError(f"{path}: [model] {key} needs {length} numbers")
    return ModelSettings(**values)
