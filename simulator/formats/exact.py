"""The experiment to the last bit, as a note inside another program's file.

A format's own numbers are those of its program: other axes, other origins, fewer digits. The note beside them
holds this engine's fields, so that a file of ours read again gives the same image. It is believed only
while it agrees with the format's own numbers: once a file has been edited or refined, those stand.
"""

import json
import math
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from simulator.commandline.command import parse_command
from simulator.commandline.grammar import parse_flags
from simulator.errors import InputError, quoted
from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer
from simulator.formats.command_line import flags_of
from simulator.formats.reading import within
from simulator.physics.steps import step_of
from simulator.rendering.quirks import Quirks

NOTE = "braggproof"  # the note's name in every format
PARTS = {"beam": Beam, "crystal": Crystal, "detector": Detector, "goniometer": Goniometer}
# What a command line or a file of its own says, or what follows from that
LEFT_OUT = {
    "beam": ("hdiv", "vdiv", "dispersion", "round_divergence", "sources"),
    "crystal": ("reflections", "default_F", "interpolate"),
}
UNSAID = ("cell", "a_star", "counts")  # of a crystal: flags alone do not say it
CLOSE = 1e-9  # relative: what is nearer is the same number
Plain = dict[str, Any]


@dataclass(frozen=True)
class Note:
    """An experiment without reflections, and how it is to be read: mode and quirks."""

    experiment: Experiment
    mode: str = "c-parity"
    quirks: str | None = None


def pack(experiment: Experiment, mode: str, quirks: str | None = None) -> Plain | None:
    """The note; None for an experiment that no command line can say."""
    settled = _settled(experiment)
    parts = {
        part: {
            field.name: plain(getattr(getattr(settled, part), field.name))
            for field in fields(kind)
            if field.name not in LEFT_OUT.get(part, ())
        }
        for part, kind in PARTS.items()
    }
    found: Plain = {"mode": mode, "quirks": quirks, **parts}
    try:
        unpack(found, NOTE)
    except InputError:
        return None
    return found


def _settled(experiment: Experiment) -> Experiment:
    """The experiment with the steps that its ranges stand for."""
    detector, turn = experiment.detector, experiment.goniometer
    layer = step_of(detector.layer_thickness, detector.thickness, detector.layers - 1)
    phistep = step_of(turn.phistep, turn.osc, turn.phisteps)
    detector, turn = replace(detector, layer_thickness=layer), replace(turn, phistep=phistep)
    return replace(experiment, detector=detector, goniometer=turn)


def plain(value: object) -> object:
    """Tensors and tuples as lists, numbers as they are."""
    if isinstance(value, Tensor):
        return value.detach().tolist()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def unpack(found: object, where: str) -> Note:
    """The note's experiment. Raises InputError for anything that no command line gives."""
    if not isinstance(found, dict) or not all(isinstance(found.get(part), dict) for part in PARTS):
        raise InputError(where, f"a note of {' '.join(PARTS)}", "another")
    try:
        experiment = Experiment(**{part: _part(kind, found[part]) for part, kind in PARTS.items()})
        note = Note(experiment, found.get("mode", "c-parity"), found.get("quirks"))
        Quirks.of(note.mode, note.quirks)
        said = parse_flags_alone(flags_of(experiment))
    except InputError as error:
        raise within(where, error) from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError, RuntimeError):
        raise InputError(where, "the fields of an experiment", "others") from None
    for part, kind in PARTS.items():
        for field in fields(kind):
            if part == "crystal" and field.name in UNSAID:
                continue
            mine, again = (plain(getattr(getattr(e, part), field.name)) for e in (experiment, said))
            if field.name not in LEFT_OUT.get(part, ()) and not alike(mine, again):
                raise InputError(
                    f"{where} {part} {field.name}", "what a command line can say", quoted(json.dumps(mine))
                )
    return note


def _part(kind: type, found: Plain) -> Any:
    """A dataclass of plain values; lists are tuples again, the A matrix a tensor."""
    values = {name: _frozen(value) for name, value in found.items()}
    if values.get("a_star") is not None:
        star = torch.tensor(found["a_star"], dtype=torch.float64)
        if star.shape != (3, 3) or not abs(float(torch.linalg.det(star))) > 0 or not star.isfinite().all():
            raise ValueError("a_star: expected three vectors that span a cell")
        values["a_star"] = star
    if values.get("counts") is not None and [int(n) for n in found["counts"]] != found["counts"]:
        raise ValueError("counts: expected whole numbers")
    made = kind(**values)
    assert is_dataclass(made)
    return made


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("expected a finite number")
    return value


def parse_flags_alone(flags: list[str], *more: str) -> Experiment:
    """The experiment of flags that need no file; where they name no cell, it has none."""
    cell = [] if "-cell" in flags else ["-cell", "1", "1", "1"]
    rows = parse_flags([*flags, *cell, "-default_F", "1", "--trace-only", *more])
    experiment, _ = parse_command(rows, Path(__file__).parent)
    return experiment if not cell else replace(experiment, crystal=replace(experiment.crystal, cell=None))


def alike(one: object, other: object) -> bool:
    """Same structure, same words, numbers nearly the same."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | float):
        return one == other
    return isinstance(other, int | float) and math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-15)


def from_text(text: str, comment: str, where: str) -> Note | None:
    """The note among a file's lines, None if there is none."""
    start = f"{comment} {NOTE} "
    for line in text.splitlines():
        if line.startswith(start):
            try:
                found = json.loads(line[len(start) :])
            except (ValueError, RecursionError):
                raise InputError(where, "a note in JSON", "something else") from None
            return unpack(found, where)
    return None
