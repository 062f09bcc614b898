from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netgloss.errors import StudyError
from netgloss.study.settings import ModelSettings, Settings, relative_to_study

MODEL = ModelSettings(
    factory="../nets.py:build",
    classes=("van", "ambulance"),
    input_size=(96, 128),
    weights="../nets.pt",
    resize="crop",
    crop_ratio=0.875,
    mean=(0.5, 0.4, 0.3),
    std=(0.2, 0.2, 0.1),
)
SETTINGS = Settings("../photos", MODEL, None, {"words": {"preset": "seca-2021", "clusters": "5"}})


@pytest.mark.parametrize("settings", [SETTINGS, Settings("a.csv", None, "../predicted.csv")])
def test_settings_come_back_as_they_were(tmp_path: Path, settings: Settings) -> None:
    settings.save(tmp_path)
    assert Settings.load(tmp_path) == settings


def test_saving_keeps_what_a_person_wrote_beside_the_values(tmp_path: Path) -> None:
    SETTINGS.save(tmp_path)
    path = tmp_path / "study.toml"
    path.write_text(path.read_text().replace("[model]", "# trained in May\n[model]"))
    SETTINGS.with_stage("words", {"preset": "default", "map": None}).save(tmp_path)
    assert "# trained in May" in path.read_text()
    assert Settings.load(tmp_path).stage("words") == {"preset": "default"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[images]", "[images"), r"study\.toml: not valid TOML: .*line \d+, column \d+"),
        (("schema = 1", "schema = 9"), r"\[study\] schema is 9"),
        (("[images]", "[pictures]"), r"the section \[images\] is missing"),
        (("crop_ratio", "crop_ration"), r"\[model\] has no setting 'crop_ration'; known: factory"),
        (("factory", "# factory"), r"\[model\] lacks 'factory'"),
        (("0.875", '"a lot"'), r"crop_ratio = 'a lot' is not a float"),
        (("[96, 128]", "[96, 128, 3]"), r"input_size needs 2 numbers"),
        (("[0.5, 0.4, 0.3]", "[0.5]"), r"mean needs 3 numbers"),
    ],
)
def test_a_bad_setting_is_named_with_its_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    SETTINGS.save(tmp_path)
    path = tmp_path / "study.toml"
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    with pytest.raises(StudyError, match=message):
        Settings.load(tmp_path)


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no study here .* netgloss new"):
        Settings.load(tmp_path)


def test_one_number_is_a_square_input(tmp_path: Path) -> None:
    SETTINGS.save(tmp_path)
    path = tmp_path / "study.toml"
    path.write_text(path.read_text().replace("[96, 128]", "64"))
    assert Settings.load(tmp_path).model == replace(MODEL, input_size=(64, 64))


def test_near_paths_move_with_the_study_and_far_ones_stay(tmp_path: Path) -> None:
    study = tmp_path / "a" / "b" / "c" / "study"
    assert relative_to_study(tmp_path / "a" / "b" / "c" / "photos", study) == "../photos"
    assert relative_to_study(tmp_path / "photos", study) == str((tmp_path / "photos").resolve())
