"""Every feature on its own: C on one thread against the PyTorch engine on all."""

from typing import Any

from evidence.bench.contest import Contender, contest
from evidence.bench.conversation import WorkerError
from evidence.bench.harness import Means
from evidence.bench.likeness import likeness
from evidence.bench.scenes import BOX, FEATURES, Feature, feature_panel, write_box

DTYPES = ("float64", "float32")


def measure(means: Means) -> dict[str, Any]:
    """One race over all features; facts say how large each was and how alike the images are."""
    write_box(means.folder / BOX, 24)
    compiled = means.kernels[0]
    racing: list[Contender] = []
    facts = []
    for feature in FEATURES:
        argv = feature_panel(feature, means.size.evaluations)
        prepared = means.worker.ask("prepare", name=feature.name, argv=argv)
        facts.append({"name": feature.name, "title": feature.title, "flags": feature.flags, **prepared})
        facts[-1] |= _built(means, feature, compiled) | _counted(means, feature)
        racing += means.c_contenders(feature.name, feature.title, argv, (1,))
        racing += [
            means.steady(f"{feature.name}_{dtype}", feature.name, dtype, compiled, means.threads)
            for dtype in DTYPES
        ]
    found = contest(racing, means.size.rounds, means.size.warmups)
    pairs = zip(FEATURES, facts, strict=True)
    return {**found, "facts": {"features": [fact | _alike(means, f, compiled) for f, fact in pairs]}}


def _built(means: Means, feature: Feature, compiled: str) -> dict[str, Any]:
    """Compile what is missing now, not within a measurement."""
    try:
        made = [means.worker.ask("build", name=feature.name, dtype=d, compiled=compiled) for d in DTYPES]
    except WorkerError as problem:
        return {"compile_s": None, "kernels": f"not compiled: {problem}"}
    return {"compile_s": sum(each["wall_s"] for each in made), "kernels": made[0]["reason"]}


def _counted(means: Means, feature: Feature) -> dict[str, Any]:
    """Operations of an evaluation; tracing takes seconds, so a brief run goes without."""
    if means.size.brief:
        return {"operations": None}
    return means.worker.ask("count", name=feature.name, dtype="float64")


def _alike(means: Means, feature: Feature, compiled: str) -> dict[str, Any]:
    path = means.folder / f"{feature.name}.npy"
    try:
        means.worker.ask(
            "render", name=feature.name, dtype="float64", compiled=compiled, threads=means.threads,
            save=str(path),
        )  # fmt: skip
        return likeness(means.folder / f"{feature.name}_c1.bin", path)
    except (WorkerError, OSError) as problem:
        return {"identical_share": None, "max_rel_diff": None, "reason": str(problem)}
