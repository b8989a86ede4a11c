"""From a failing case to its cause: the shortest command line, the first tap that differs, a case."""

import shlex
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from evidence.campaigns.batch import run_case
from evidence.campaigns.campaign_inputs import stage_inputs
from evidence.campaigns.contenders import Contender, contenders
from evidence.campaigns.expand import Case
from evidence.campaigns.mutants import Mutation, trial, undone
from evidence.campaigns.outcome import Outcome
from evidence.campaigns.runners import Runners
from evidence.campaigns.suite import SUITES, Suite, load_suite
from evidence.cases import schema
from evidence.causes.question import one_case, one_engine
from evidence.causes.reduce import KEPT, Reducer, furthest
from evidence.engines.arguments import flat
from evidence.errors import InputError, StoreError
from evidence.paths import ROOT
from evidence.records import FrozenRecord, Record
from evidence.store import atomic
from evidence.traces.divergence import compare
from evidence.traces.log import parse

FOUND = "found"  # the suite that reduced cases go to


@dataclass(frozen=True)
class Asked:
    """What is to be reduced; `engine` None: the first one that fails the case."""

    suite: Suite
    case: Case
    matrix: list[Contender]
    engine: str | None
    mutation: Mutation | None


@dataclass(frozen=True)
class Cause:
    """What a reduction came to."""

    suite: str
    case: str
    engine: str
    gate: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    tried: int
    pixel: tuple[int, int] | None
    divergence: FrozenRecord | None
    reason: str

    @property
    def flags(self) -> int:
        """Flags of the shortest command line."""
        return sum(word.startswith("-") and not word[1:2].isdigit() for word in self.after)

    def to_dict(self) -> Record:
        return {
            "schema": 1,
            "kind": "reduced case",
            **{
                key: getattr(self, key)
                for key in ("suite", "case", "engine", "gate", "tried", "reason", "flags")
            },
            "before": shlex.join(self.before),
            "after": shlex.join(self.after),
            "pixel": list(self.pixel) if self.pixel else None,
            "divergence": dict(self.divergence) if self.divergence else None,
        }


def ask(suite: Suite, name: str, engine: str | None = None, mutation: Mutation | None = None) -> Asked:
    """To shrink the case `name` for the engine that fails it; `mutation`: with a rule undone in that engine.

    Nothing is run: a case or an engine that is not there is a InputError.
    """
    case = one_case(suite, name)
    engines = [trial(mutation)] if mutation else [each for each in contenders(suite) if each.kind != "stored"]
    reference = Contender("c", "program", None, ("--threads", "1"))
    matrix = [reference, *(each for each in engines if each.name != "c")]
    if engine is not None:
        one_engine(matrix, engine)
    return Asked(suite, case, matrix, engine, mutation)


def reduce_case(asked: Asked) -> Cause:
    """Shrink it. Raises StoreError where the engine does not fail the case."""
    suite, case, matrix, engine = asked.suite, asked.case, asked.matrix, asked.engine
    shorter = replace(suite, reference="c", black="same", nonfinite="same")
    with (
        tempfile.TemporaryDirectory(prefix="reduce-") as folder,
        undone(asked.mutation, ROOT / "simulator") if asked.mutation else nullcontext() as simulator,
    ):
        stage_inputs(suite, Path(folder))
        with Runners(Path(folder), suite.timeout_s, simulator) as runners:
            row, _ = run_case(shorter, matrix, runners, case)
            failing = [each for each, cell in row["cells"].items() if cell["verdict"] == "fail"]
            if (engine or next(iter(failing), "")) not in failing:
                raise StoreError(
                    f"case {case.name}", f"{engine or 'an engine'} to fail it against c", "a pass"
                )
            found = Reducer(
                lambda each: run_case(shorter, matrix, runners, each),
                case,
                engine or failing[0],
                lambda words: cost(words, Path(folder)),
            )
            found.start()
            groups = found.reduce()
            words = tuple(flat(groups))
            pixel, divergence, reason = _divergence(matrix, runners, found, words)
    return Cause(
        suite.name, case.name, found.engine, found.kind, case.arguments, words,
        found.tried, pixel, divergence, reason,
    )  # fmt: skip


def _divergence(
    matrix: list[Contender], runners: Runners, found: Reducer, words: tuple[str, ...]
) -> tuple[tuple[int, int] | None, FrozenRecord | None, str]:
    """The pixel that differs most, and the first tap there that does."""
    pictures = [found.pictures[name].picture for name in ("c", found.engine)]
    if any(picture is None for picture in pictures) or pictures[0].shape != pictures[1].shape:
        return None, None, "there are no two images to trace"
    slow, fast = pixel = furthest(*pictures)
    traced = ("-trace_pixel", str(slow), str(fast), "--trace-only")
    logs: list[Outcome] = []
    for name in ("c", found.engine):
        (engine,) = [each for each in matrix if each.name == name]
        logs.append(runners.run(engine, Case("trace", (*words, *traced), "text")))
    try:
        c, py = (parse(log.said, name)[0] for log, name in zip(logs, ("c", found.engine), strict=True))
    except (InputError, IndexError) as problem:
        return pixel, None, f"no trace: {problem}"
    divergence = compare(c, py).first_divergence
    return (
        pixel,
        divergence,
        "" if divergence else "every tap agrees: the images differ after the last of them",
    )


def keep(cause: Cause, folder: Path = SUITES) -> Path:
    """Add the reduced case to the suite `found`, made if need be; returns its file."""
    path = folder / f"{FOUND}.yaml"
    origin = load_suite(cause.suite, folder)
    if path.is_file():
        document = schema.read_yaml(path)
    else:
        document = {
            "title": "Cases that failed once, reduced",
            "engines": ["c", "torch-float64", "torch-float32"],
            "reference": "c",
            "batches": 1,
            "black": "same",
            "nonfinite": "same",
            "inputs": {},
            "gates": {engine: dict(limits) for engine, limits in origin.gates.items()},
            "cases": [{"name": FOUND, "list": {}}],
        }
    used = {name: source for name, source in origin.inputs.items() if name in cause.after}
    document["inputs"] = {**document.get("inputs", {}), **used}
    listed = document["cases"][0]["list"]
    listed[f"{cause.suite}_{cause.case}"] = shlex.join([*cause.after, *KEPT])
    atomic.write_text(path, yaml.safe_dump(document, sort_keys=False, width=110))
    load_suite(FOUND, folder).all_cases()
    return path


def cost(words: Sequence[str], folder: Path) -> float:
    """Evaluations that a command line asks for; 0 where it is refused, which takes no time."""
    import torch  # noqa: PLC0415  torch takes seconds to load

    from simulator.commandline.command import parse_command  # noqa: PLC0415
    from simulator.commandline.grammar import parse_flags  # noqa: PLC0415
    from simulator.commandline.session import evaluations  # noqa: PLC0415
    from simulator.rendering.quirks import Quirks  # noqa: PLC0415
    from simulator.rendering.scene import build_scene  # noqa: PLC0415

    try:
        experiment, task = parse_command(parse_flags(list(words)), folder)
        with torch.inference_mode():
            scene = build_scene(experiment, Quirks.of(task.mode, task.quirks), torch.device("cpu"))
            return float(evaluations(scene))
    except ValueError:
        return 0.0
