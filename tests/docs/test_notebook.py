"""The notebook runs as it stands, and what it promises holds: it asserts so itself."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers.places import ROOT


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own libraries
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_refinement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orientation, cell, distance and ten structure factors, found with every error within 3.5 sigma."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'workflow'}")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.read(ROOT / "docs" / "refinement.ipynb", as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT / "docs")}}).execute()
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert said.count("converged: deviance") == 2
