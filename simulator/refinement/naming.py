"""Names of numbers: what `misset`, `cell.a`, `F[1,2,3]` or `detector.distance` stand for."""

import re
from collections.abc import Iterator

from simulator.errors import InputError, quoted
from simulator.experiment import Experiment
from simulator.refinement.fields import TABLE, field_names, labels, reasons
from simulator.rendering.quirks import Quirks

SCALE, BACKGROUND = "scale", "background"  # of the image: no fields of the experiment
PARTS = ("beam", "crystal", "detector", "goniometer")
CENTRES = (
    ("Xbeam", "Ybeam"),
    ("ORGX", "ORGY"),
    ("Xclose", "Yclose"),
)  # beam_centre is the first that matters


def part_of(name: str) -> str:
    """`detector.` of `detector.distance`."""
    part = name.partition(".")[0]
    return f"{part}." if part in PARTS else ""


def numbers(
    name: str, experiment: Experiment, boxes: int, quirks: Quirks
) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Name, field and index of each number that a name stands for."""
    if name == SCALE:
        yield name, SCALE, ()
        return
    if name.partition("[")[0] == BACKGROUND:
        each = [BACKGROUND] if boxes == 1 else [f"{BACKGROUND}[{box}]" for box in range(boxes)]
        if name not in (BACKGROUND, *each):
            raise InputError("parameters", f"a background of {boxes} boxes", quoted(name))
        yield from ((one, BACKGROUND, (box,)) for box, one in enumerate(each) if name in (BACKGROUND, one))
        return
    known = reasons(experiment, quirks)
    if name == "beam_centre":
        chosen = next(pair for pair in CENTRES if not any(f"detector.{one}" in known for one in pair))
        for one in chosen:
            yield from numbers(one, experiment, boxes, quirks)
        return
    bare = name.removeprefix(part_of(name))
    stem = bare.replace("[", ".").partition(".")[0]
    matching = [
        field
        for field in field_names()
        if field == f"{part_of(name)}{stem}" or (not part_of(name) and field.partition(".")[2] == stem)
    ]
    if len(matching) != 1 and stem != "F":
        raise InputError(
            "parameters", "the name of a continuous field, such as misset or cell.a", quoted(name)
        )
    field = TABLE if stem == "F" else matching[0]
    if field in known:
        raise InputError(f"parameters {name}", "a field that the image depends on", known[field])
    rows = [_amplitude(name, experiment)] if field == TABLE else list(labels(experiment, field))
    chosen_rows = [
        row for row in ((f"{stem}{label}", index) for label, index in rows) if bare in (stem, row[0])
    ]
    if not chosen_rows:
        raise InputError("parameters", f"a number of {field}, such as {stem}{rows[0][0]}", quoted(name))
    yield from ((label, field, index) for label, index in chosen_rows)


def _amplitude(name: str, experiment: Experiment) -> tuple[str, tuple[int, ...]]:
    """Label and place of one structure factor, F[h,k,l]."""
    table = experiment.crystal.reflections
    said = re.fullmatch(r"F\[(-?\d+),(-?\d+),(-?\d+)\]", name)
    index = (
        tuple(int(i) - low for i, low in zip(said.groups(), table.lowest, strict=True))
        if said and table
        else ()
    )
    if (
        table is None
        or not index
        or not all(0 <= i < n for i, n in zip(index, table.data.shape, strict=True))
    ):
        raise InputError("parameters", "F[h,k,l] in the box of reflections", quoted(name))
    return name[1:], index
