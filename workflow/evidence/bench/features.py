"""Every feature on its own: C on one thread against the PyTorch engine on all."""

from evidence.bench.contest import Contender, contest
from evidence.bench.conversation import WorkerError
from evidence.bench.harness import Harness
from evidence.bench.likeness import likeness
from evidence.bench.scenes import BOX, FEATURES, Feature, feature_panel, write_box
from evidence.records import Record

DTYPES = ("float64", "float32")


def measure(harness: Harness) -> Record:
    """One race over all features; facts say how large each was and how alike the images are."""
    write_box(harness.folder / BOX, 24)
    compiled = harness.kernels[0]
    racing: list[Contender] = []
    facts = []
    for feature in FEATURES:
        argv = feature_panel(feature, harness.size.evaluations)
        prepared = harness.worker.ask("prepare", name=feature.name, argv=argv)
        facts.append({"name": feature.name, "title": feature.title, "flags": feature.flags, **prepared})
        facts[-1] |= _built(harness, feature, compiled)
        racing += harness.c_contenders(feature.name, feature.title, argv, (1,))
        racing += [
            harness.steady(f"{feature.name}_{dtype}", feature.name, dtype, compiled, harness.threads)
            for dtype in DTYPES
        ]
    found = contest(racing, harness.size.rounds, harness.size.warmups)
    pairs = zip(FEATURES, facts, strict=True)
    return {**found, "facts": {"features": [fact | _alike(harness, f, compiled) for f, fact in pairs]}}


def _built(harness: Harness, feature: Feature, compiled: str) -> Record:
    """Compile what is missing now, not within a measurement."""
    try:
        made = [harness.worker.ask("build", name=feature.name, dtype=d, compiled=compiled) for d in DTYPES]
    except WorkerError as problem:
        return {"compile_s": None, "kernels": f"not compiled: {problem}"}
    return {"compile_s": sum(each["wall_s"] for each in made), "kernels": made[0]["reason"]}


def _alike(harness: Harness, feature: Feature, compiled: str) -> Record:
    path = harness.folder / f"{feature.name}.npy"
    try:
        harness.worker.ask(
            "render", name=feature.name, dtype="float64", compiled=compiled, threads=harness.threads,
            save=str(path),
        )  # fmt: skip
        return likeness(harness.folder / f"{feature.name}_c1.bin", path)
    except (WorkerError, OSError) as problem:
        return {"identical_share": None, "max_rel_diff": None, "reason": str(problem)}
