from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netgloss.errors import NetglossError
from netgloss.evidence.base import evidence_method, evidence_methods
from netgloss.evidence.integrated import IntegratedGradients
from netgloss.evidence.smoothgrad import SmoothGrad


def install(folder: Path, package: str, method: str, place: str) -> None:
    """Puts a package with an entry point where Python finds it."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[netgloss.evidence]\n{method} = {place}\n")


def test_the_built_in_methods_are_found_by_their_entry_points() -> None:
    found = evidence_methods()
    assert found["smoothgrad"] is SmoothGrad
    assert all(method.name == name for name, method in found.items())


def test_a_broken_package_breaks_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_method.py").write_text("raise RuntimeError('no licence')\n")
    (tmp_path / "sound_method.py").write_text(
        "class Sound:\n    name = 'sound'\n    def options(self):\n        return {}\n"
    )
    install(tmp_path, "broken_package", "broken", "broken_method:Broken")
    install(tmp_path, "sound_package", "sound", "sound_method:Sound")
    monkeypatch.syspath_prepend(tmp_path)
    assert {"smoothgrad", "sound"} <= set(evidence_methods())
    assert "broken" not in evidence_methods()
    assert evidence_method("sound").options() == {}
    message = r"'broken' \(broken_method:Broken\) cannot be imported: no licence; reinstall"
    with pytest.raises(NetglossError, match=message):
        evidence_method("broken")


def test_an_unknown_method_lists_the_known() -> None:
    with pytest.raises(NetglossError, match=r"'smoothgard' is not installed; .*smoothgrad"):
        evidence_method("smoothgard")


def test_options_reach_the_method_and_unknown_ones_are_named() -> None:
    method = evidence_method("smoothgrad", {"samples": 3, "seed": 7})
    assert method == SmoothGrad(samples=3, seed=7)
    message = "'smoothgrad' has no option 'steps'; it has samples, noise, mode"
    with pytest.raises(NetglossError, match=message):
        evidence_method("smoothgrad", {"steps": 3})


def test_a_seed_is_passed_over_by_a_method_without_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "again", "ig", "netgloss.evidence.integrated:IntegratedGradients")
    monkeypatch.syspath_prepend(tmp_path)
    assert evidence_method("ig", {"seed": 3}) == IntegratedGradients()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples must be a whole number of 1 or more, not 0"),
        ({"samples": 2.5}, "samples must be a whole number of 1 or more, not 2.5"),
        ({"samples": True}, "samples must be a whole number"),
        ({"noise": -0.1}, "noise must be a number of 0 or more, not -0.1"),
        ({"noise": float("nan")}, "noise must be a number of 0 or more, not nan"),
        ({"noise": "5%"}, "noise must be a number of 0 or more, not '5%'"),
        ({"mode": "square"}, "mode must be one of squared, mean, abs, not 'square'"),
        ({"score": "softmax"}, "score must be one of logit, probability, not 'softmax'"),
        ({"seed": -1}, "seed must be a whole number of 0 or more, not -1"),
        ({"batch_size": 0}, "batch_size must be a whole number of 1 or more, not 0"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(NetglossError, match=f"^smoothgrad: {message}"):
        SmoothGrad(**options)


def test_integrated_gradients_refuses_fewer_nodes_at_the_end_than_at_the_start() -> None:
    with pytest.raises(NetglossError, match="most_steps must be a whole number of 80 or more"):
        IntegratedGradients(steps=80, most_steps=79)


def test_choosing_a_method_does_not_load_the_tensor_library() -> None:
    code = (
        "import sys; from netgloss.evidence.base import evidence_method; "
        "evidence_method('smoothgrad', {'samples': 3}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
