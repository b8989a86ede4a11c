"""The headline names engines and counts, external ones first."""

import json
from pathlib import Path

from evidence.provenance.headline import sentence


def run(bundle: Path, label: str, program: str) -> None:
    folder = bundle / "phase_o" / label
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"program": program, "binary_sha256": "1a2b3c4d" + "0" * 56}))


def test_engines_and_counts(tmp_path: Path) -> None:
    assert sentence(tmp_path) is None
    run(tmp_path, "c", "ours")
    run(tmp_path, "py_float64", "ours")
    run(tmp_path, "external_1", "stock")
    run(tmp_path, "external_2", "instrumented")  # its frame was never compared
    tables = {
        "float64": {"identical_pixels": 6224001, "finite_pixels": 6224001},
        "external_1": {"identical_pixels": 6223876, "finite_pixels": 6224001},
    }
    (tmp_path / "phase_o" / "metrics.json").write_text(json.dumps({"tables": tables}))
    assert sentence(tmp_path) == (
        "PyTorch is identical to nanoBragg (stock, sha256 1a2b3c4d...) in 6,223,876 of 6,224,001 pixels; "
        "to the C engine (sha256 1a2b3c4d...) in 6,224,001 of 6,224,001 pixels"
    )
