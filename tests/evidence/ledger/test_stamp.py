"""One stamp an invocation: asked for, inherited, resumed or new; never an old name, never a sealed bundle."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.errors import InputError
from evidence.jobs import plan, stage
from evidence.ledger import stamp
from tests.helpers.project import STAMP, settings

NOW = datetime(2026, 11, 21, 9, 30, 0, 999999, tzinfo=UTC)


def bundle(results: Path, name: str, sealed: bool = False) -> Path:
    folder = results / "tiny" / name
    folder.mkdir(parents=True)
    if sealed:
        (folder / "SEALED").touch()
    return folder


def test_new_stamp_is_the_utc_second(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    assert stamp.settle("tiny", None, tmp_path, environ, NOW) == "20261121T093000Z"
    assert environ == {"BRAGGPROOF_STAMP_TINY": "20261121T093000Z"}
    assert list(tmp_path.iterdir()) == []  # nothing on disk


def test_a_job_that_parses_later_gets_the_same_stamp(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    first = stamp.settle("tiny", None, tmp_path, environ, NOW)
    assert stamp.settle("tiny", None, tmp_path, environ, NOW + timedelta(hours=1)) == first
    # also when its parent has sealed the bundle meanwhile
    bundle(tmp_path, first, sealed=True)
    assert stamp.settle("tiny", None, tmp_path, environ, NOW + timedelta(hours=1)) == first


def test_cases_have_their_own_stamps(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    bundle(tmp_path, "20261121T080000Z")
    assert stamp.settle("tiny", None, tmp_path, environ, NOW) == "20261121T080000Z"
    assert stamp.settle("other", None, tmp_path, environ, NOW) == "20261121T093000Z"


def test_asked_for_wins(tmp_path: Path) -> None:
    bundle(tmp_path, "20261121T080000Z")
    environ = {"BRAGGPROOF_STAMP_TINY": "20261121T090000Z"}
    assert stamp.settle("tiny", STAMP, tmp_path, environ, NOW) == STAMP


def test_newest_open_bundle_is_continued(tmp_path: Path) -> None:
    bundle(tmp_path, "20261121T070000Z")
    bundle(tmp_path, "20261121T080000Z")
    bundle(tmp_path, "20261121T090000Z", sealed=True)
    (tmp_path / "tiny" / "notes").mkdir()
    assert stamp.settle("tiny", None, tmp_path, {}, NOW) == "20261121T080000Z"


def test_two_bundles_in_one_second(tmp_path: Path) -> None:
    first = stamp.settle("tiny", None, tmp_path, {}, NOW)
    bundle(tmp_path, first, sealed=True)
    second = stamp.settle("tiny", None, tmp_path, {}, NOW)
    bundle(tmp_path, second, sealed=True)
    third = stamp.settle("tiny", None, tmp_path, {}, NOW)
    assert (first, second, third) == ("20261121T093000Z", "20261121T093001Z", "20261121T093002Z")


def test_clock_set_back(tmp_path: Path) -> None:
    bundle(tmp_path, "20271231T235959Z", sealed=True)
    assert stamp.settle("tiny", None, tmp_path, {}, NOW) == "20280101T000000Z"


@pytest.mark.parametrize("text", ["20261321T093000Z", "20261121T250000Z", "x", "20261121T093000", ""])
def test_stamps_that_are_no_time(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="YYYYMMDDTHHMMSSZ"):
        stamp.settle("tiny", text, tmp_path, {}, NOW)
    with pytest.raises(InputError, match="BRAGGPROOF_STAMP_TINY"):
        stamp.settle("tiny", None, tmp_path, {"BRAGGPROOF_STAMP_TINY": text or "-"}, NOW)


def sealed_bundle(project: Path) -> Path:
    folder = bundle(project / "results", STAMP)
    case = load_case(Path("config/cases/tiny.yaml"))
    stage.stage(case, Settings(**settings()), folder / "inputs")
    (folder / "SEALED").touch()
    return folder


def test_sealed_bundle_with_the_same_inputs_is_left_alone(project: Path) -> None:
    sealed_bundle(project)
    found = plan.settle({**settings(), "stamp": STAMP}, project, {})
    assert found.bundle == f"tiny/{STAMP}"
    assert found.open_bundles == []  # no rule may write it


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("config/inputs/few.hkl", "sources"),
        ("config/cases/tiny.yaml", "config/cases/tiny.yaml"),
        ("config/config.yaml", "thresholds"),
    ],
)
def test_sealed_bundle_with_changed_inputs_is_refused(project: Path, path: str, word: str) -> None:
    sealed_bundle(project)
    values = settings()
    if path.endswith("config.yaml"):
        values["thresholds"]["VG-0"]["hkl"]["accept"] = 1e-3
        Path(path).write_text(yaml.safe_dump(values), encoding="utf-8")
    else:
        Path(path).write_text(Path(path).read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        plan.settle({**values, "stamp": STAMP}, project, {})
    assert f"stamp={STAMP}" in str(caught.value)
    assert "leave stamp out" in str(caught.value)
    assert word in str(caught.value)


def test_sealed_bundle_without_a_record_of_its_inputs_is_refused(project: Path) -> None:
    (sealed_bundle(project) / "inputs" / "inputs.json").unlink()
    with pytest.raises(InputError, match=r"inputs\.json"):
        plan.settle({**settings(), "stamp": STAMP}, project, {})


def test_without_a_stamp_changed_inputs_mean_a_new_bundle(project: Path) -> None:
    sealed_bundle(project)
    Path("config/inputs/few.hkl").write_text("0 0 1 5\n", encoding="utf-8")
    found = plan.settle(settings(), project, {})
    assert found.bundle.split("/")[1] > STAMP
    assert found.open_bundles == [found.bundle]
