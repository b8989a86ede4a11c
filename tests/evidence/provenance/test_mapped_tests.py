"""Tests that a suite names: what passes, and what does not."""

from pathlib import Path

import pytest

from evidence import gates
from evidence.provenance.mapped_tests import count, gate, run_tests, status

GOOD = "def test_a(): pass\n"
BAD = "def test_b(): assert False\n"
FORGIVEN = "import pytest\n@pytest.mark.xfail\ndef test_d(): pass\n"  # it was to fail, and did not
SKIPPED = "import pytest\ndef test_c(): pytest.skip('no device')\n"


@pytest.mark.parametrize(
    ("text", "verdict", "told"),
    [
        (GOOD, "pass", None),
        (GOOD + BAD, "fail", "1 failures"),
        (GOOD + SKIPPED, "blocked", "1 skipped"),
        (GOOD + FORGIVEN, "fail", "1 failures"),
        ("", "blocked", "0 tests"),
        ("import no_such_module\n", "fail", "1 errors"),
    ],
)
def test_a_run_is_kept_and_judged(text: str, verdict: str, told: str | None, tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    found = run_tests(tmp_path / "kept", ["test_one.py"], tmp_path)
    assert found["status"] == verdict
    row = gate(found, "one")
    assert row["status"] == verdict
    assert told is None or told in row["reason"]
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert kept == {"collection.txt", "junit.xml", "tests.json", "tests.log"}


def test_a_selector_that_names_nothing_fails(tmp_path: Path) -> None:
    found = run_tests(tmp_path / "kept", ["no_such_file.py"], tmp_path)
    assert (found["status"], found["exit_code"]) == ("fail", 4)


def test_a_damaged_record_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text("<testsuites><testsuite tests='3'")
    assert status(0, count(tmp_path / "junit.xml")) == "blocked"
    assert status(None, {"tests": 1, "failures": 0, "errors": 0, "skipped": 0}) == "fail"


def test_a_cases_tests_are_a_gate_of_its_bundle() -> None:
    """Beside the gates of its phases; the bundle is as bad as the worst."""
    found = {
        "status": "blocked",
        "exit_code": 0,
        "counts": {"tests": 2, "failures": 0, "errors": 0, "skipped": 1},
    }
    row = gate(found, "tiny", "parity")
    assert (row["id"], row["status"], row["command"]) == ("VG-tests", "blocked", "snakemake parity_tiny")
    whole = gates.assemble("tiny", "20260102T030405Z", {}, [row])
    assert whole["gates"][-1] == row
    assert gates.verdict("tiny", "20260102T030405Z", [row])["first_failing"] == "VG-tests"
