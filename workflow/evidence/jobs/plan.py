"""What one invocation is about: settings, cases, the bundle of each. The rules ask it for paths."""

import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from pathlib import Path

from evidence.cases import schema
from evidence.cases.case import Case, case_names, load_case
from evidence.cases.settings import Settings, load_settings
from evidence.engines.arguments import last_values
from evidence.engines.build import SOURCES
from evidence.errors import InputError
from evidence.jobs import preflight, stage
from evidence.jobs.engine_inputs import EngineInputs
from evidence.jobs.named_targets import Targets
from evidence.jobs.wildcards import Wildcards
from evidence.ledger import stamp
from evidence.paths import CASES, CONFIG, RESULTS
from evidence.records import Record
from evidence.refinements import refinement_case
from evidence.roundtrip import trip
from evidence.store.hashes import tree_hash
from simulator.version import VERSION, commit

BENCHMARK, GRADIENTS = "benchmark", "gradients_"
RUN_ROOMS = ("store", "cases", "images", "engines", "traces", "phases")
SMALL = 512  # pixels a side of a frame that one thread renders in a moment
OWN = ("case", "stamp", "bench", "suite", "cases")  # settings that choose what to do, not how
READ = ("NB_C_BIN", "NB_PYTORCH_DTYPE", "CC")  # environment variables that jobs read


@dataclass(frozen=True)
class Plan(EngineInputs):
    """`bundles` maps a case to `case/stamp`, the folder below results/."""

    root: Path
    settings: Settings
    cases: Mapping[str, Case]
    bundles: Mapping[str, str]
    benchmark: str  # `benchmark/stamp`: no case, sealed like one
    roundtrips: Targets
    refinements: Targets
    gradients: Targets
    first: bool = False  # whether this is the invocation itself, not a job of it

    @property
    def bundle(self) -> str:
        """Bundle of the case that the targets phase_k ... phase_o work on."""
        return self.bundles[self.settings.case]

    @property
    def open_bundles(self) -> list[str]:
        """Bundles that may be written: those that are not sealed. `--report` runs nothing and sees all."""
        return [
            name for name in self.bundles.values() if _only_reads() or not stamp.is_sealed(RESULTS / name)
        ]

    @property
    def open_benchmark(self) -> str:
        """The benchmark's bundle if it may be written, else what matches nothing."""
        return "(?!)" if stamp.is_sealed(RESULTS / self.benchmark) else self.benchmark

    @property
    def values(self) -> Record:
        """The settings of a job as plain values, so that Snakemake can tell when they change."""
        return {key: value for key, value in asdict(self.settings).items() if key not in OWN}

    @property
    def variables(self) -> list[str]:
        """Environment variables that jobs elsewhere get too: the stamps, and what the user has set."""
        others = (self.roundtrips, self.refinements, self.gradients)
        names = (*self.cases, BENCHMARK, *(name for each in others for name in each.bundles))
        return [*(stamp.variable(name) for name in names), *(name for name in READ if name in os.environ)]

    @property
    def made_lists(self) -> list[str]:
        """Names of the reflection lists that are made from another file, in any case."""
        return sorted({name for case in self.cases.values() for name in _made(case)})

    def case_of(self, wildcards: Wildcards) -> Case:
        """The case whose bundle a rule works on."""
        return self.cases[str(wildcards.bundle).split("/", 1)[0].removeprefix(GRADIENTS)]

    def frame_threads(self, wildcards: Wildcards) -> int:
        """All for a large frame; one for a small one, where most of the time goes into starting an engine."""
        words = self.case_of(wildcards).arguments
        sides = [last_values(words, f"-detpixels{axis}") for axis in ("", "_f", "_s")]
        given = [int(side[0]) for side in sides if side and side[0].isdigit()]
        return 1 if given and max(given) <= SMALL else self.settings.threads

    def case_file_of(self, wildcards: Wildcards) -> str:
        """Its YAML file."""
        return str(self.case_of(wildcards).path)

    def structure_of(self, wildcards: Wildcards) -> str:
        """The file that a reflection list is made from: MTZ, mmCIF, coordinates, text."""
        return str(self.case_of(wildcards).inputs[wildcards.made].path)

    def options_of(self, wildcards: Wildcards) -> Record:
        """Its amplitude column, None: the first; and what nb-hkl is told beside."""
        return self.case_of(wildcards).inputs[wildcards.made].how

    def origins_of(self, wildcards: Wildcards) -> list[str]:
        """The case file and the files its inputs come from; a case that cannot be run ends the invocation."""
        case = self.case_of(wildcards)
        if self.first:
            preflight.refuse_case(case, self.settings, str(wildcards.bundle))
        return [str(case.path), *(str(source.path) for source in case.inputs.values())]

    def made_of(self, wildcards: Wildcards) -> list[str]:
        """Reflection lists of this bundle that are made from other files."""
        return [f"results/{wildcards.bundle}/inputs/{name}" for name in _made(self.case_of(wildcards))]

    def fingerprint_of(self, wildcards: Wildcards) -> Record:
        """What the bundle is made from; a change makes Snakemake stage it again."""
        return stage.fingerprint(self.case_of(wildcards), self.settings)

    def sources(self, *patterns: str) -> list[str]:
        """Files of this project, by patterns from its root."""
        return sorted(str(path) for pattern in patterns for path in self.root.glob(pattern))

    def code(self, *patterns: str) -> str:
        """One hash over such files: a rule that names it as a parameter is redone when they change."""
        return tree_hash(map(Path, self.sources(*patterns)), self.root)

    @property
    def engine_commit(self) -> str:
        """What the C engine will say with --version: another commit makes Snakemake build it again."""
        return f"{VERSION} {commit(SOURCES)}"

    @property
    def run_code(self) -> str:
        """The code that an engine run comes through: an edit of a report makes no engine run again."""
        rooms = (f"workflow/evidence/{room}/*.py" for room in RUN_ROOMS)
        return self.code("workflow/evidence/*.py", *rooms)


def _only_reads() -> bool:
    """Whether this is `snakemake --report`, which runs nothing."""
    return any(word.startswith("--report") for word in sys.argv)


def _made(case: Case) -> list[str]:
    return [name for name, source in case.inputs.items() if source.is_made]


def settle(values: Record, root: Path, environ: MutableMapping[str, str] = os.environ) -> Plan:
    """The plan of this invocation; a mistake in the configuration is a InputError."""
    names = case_names()
    first = not any(stamp.variable(name) in environ for name in names)
    load_settings(schema.read_yaml(CONFIG), names)
    settings = load_settings(values, names, "--config")
    cases = {name: load_case(CASES / f"{name}.yaml") for name in names}

    def bundle(name: str, asked: str | None = settings.stamp) -> str:
        return f"{name}/{stamp.settle(name, asked, RESULTS, environ)}"

    def targets(prefix: str, folder: Path, names: list[str]) -> Targets:
        return Targets(prefix, folder, {prefix + name: bundle(prefix + name) for name in names})

    # a report without a stamp is about the newest sealed bundle, not about one to come
    sealed = {name: stamp.newest_sealed(RESULTS / name) if _only_reads() else None for name in names}
    bundles = {name: bundle(name, settings.stamp or sealed[name]) for name in names}
    if settings.stamp:
        for name in names:
            stage.refuse_changed(cases[name], settings, RESULTS / bundles[name])
    trips = targets("roundtrip_", trip.TRIPS, [one.name for one in trip.load_all(Path())])
    refined = [one.name for one in refinement_case.load_all(Path())]
    refinements = targets("refine_", refinement_case.CASES, refined)
    gradients = targets(GRADIENTS, CASES, names)
    return Plan(root, settings, cases, bundles, bundle(BENCHMARK), trips, refinements, gradients, first)


def settle_or_exit(values: Record, root: Path) -> Plan:
    """For the Snakefile: a mistake ends the run with one line and status 2.

    Scripts find the two packages through PYTHONPATH in every environment, installed or not.
    """
    paths = [str(root / "workflow"), str(root), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in paths if path))
    try:
        return settle(values, root)
    except InputError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)
