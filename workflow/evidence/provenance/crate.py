"""ro-crate-metadata.json: the bundle as a Workflow Run RO-Crate, written offline.

RO-Crate 1.1 with Process Run Crate 0.5, Workflow Run Crate 0.5 and Workflow RO-Crate 1.0: the newest versions
that public validators check. Without the workflow's own file in the bundle it is a Process Run Crate only.
"""

from datetime import UTC, datetime, timedelta
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from evidence.ledger import bundles, sums
from evidence.ledger.bundles import BENCHMARK, Bundle
from evidence.records import Record
from evidence.store import atomic

METADATA = "ro-crate-metadata.json"
WORKFLOW = "inputs/Snakefile"
RULES = "workflow/rules"  # beside the Snakefile, which includes them
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"  # terms sha256 and environment
PROCESS = ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5")
WORKFLOW_PROFILES = (
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
FORMATS = {".mat": "text/plain", ".hkl": "text/plain", ".log": "text/plain", ".yaml": "application/yaml"}
COMPLETED, FAILED = "http://schema.org/CompletedActionStatus", "http://schema.org/FailedActionStatus"
NO_LICENCE = "Not stated; ask those who made this bundle."


def build(bundle_path: Path, workflow: Path | None = None, licence: str = NO_LICENCE) -> None:
    """Describe every file of the bundle; call it last before sealing.

    `workflow`: the Snakefile that ran, copied to inputs/ with its rules. gates.json and run_metadata.json
    are read.
    """
    bundle = bundles.at(bundle_path)
    if bundle.sealed and (bundle_path / METADATA).is_file():
        return  # a seal that is being completed: the crate is part of what was hashed
    if workflow is not None:
        for path in [workflow, *sorted((workflow.parent / RULES).glob("*.smk"))]:
            atomic.copy_file(path, bundle_path / "inputs" / path.relative_to(workflow.parent))
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(CONTEXT)
    files = _add_files(crate, bundle)
    _describe(crate, bundle, licence, WORKFLOW in files)
    actions = [_run_action(crate, bundle, files)]
    for name in files:
        if name.endswith("/run.json"):
            actions += _engine_action(crate, bundle, name, files)
    crate.root_dataset["mentions"] = actions
    atomic.write_json(bundle_path / METADATA, crate.metadata.generate())


def _add_files(crate: ROCrate, bundle: Bundle) -> Record:
    """One File entity for each file, with size and SHA-256."""
    found = {}
    for name in sums.entries(bundle.path).files:
        if name == METADATA:
            continue
        measured = sums.measure(bundle.path / name)
        kind = FORMATS.get(Path(name).suffix) or guess_type(name)[0] or "application/octet-stream"
        about = {
            "contentSize": str(measured.size),
            "sha256": measured.sha256,
            "encodingFormat": kind,
            "name": name,
        }
        path = bundle.path / name
        if name == WORKFLOW:
            found[name] = crate.add_workflow(path, name, main=True, lang="snakemake", properties=about)
            found[name]["version"] = measured.sha256
        else:
            found[name] = crate.add_file(path, name, properties=about)
    if WORKFLOW in found:
        found[WORKFLOW]["hasPart"] = [entity for name, entity in found.items() if _is_rule(name)]
    return found


def _is_rule(name: str) -> bool:
    return name.startswith(f"inputs/{RULES}/")


def _inputs(files: Record) -> list[Any]:
    """What the runs were made from: inputs/ but for the workflow itself."""
    named = [name for name in files if name.startswith("inputs/") and name != WORKFLOW]
    return [files[name] for name in named if not _is_rule(name)]


def _describe(crate: ROCrate, bundle: Bundle, licence: str, has_workflow: bool) -> None:
    gates = bundle.load("gates.json")
    crate.name = f"Braggproof bundle {bundle.name}"
    crate.description = f"Two diffraction engines, {_subject(bundle)}: verdict {gates['verdict']}"
    crate.license = licence if "://" in licence else _entity(crate, "#licence", "CreativeWork", name=licence)
    crate.datePublished = bundle.load("run_metadata.json")["finished"]
    profiles = [PROCESS, *(WORKFLOW_PROFILES if has_workflow else ())]
    crate.root_dataset["conformsTo"] = [
        _entity(crate, identifier, "CreativeWork", name=name, version=version)
        for identifier, name, version in profiles
    ]


def _subject(bundle: Bundle) -> str:
    return "speed and memory" if bundle.case == BENCHMARK else f"compared on case {bundle.case}"


def _entity(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> Any:
    return crate.get(identifier) or crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))


def _run_action(crate: ROCrate, bundle: Bundle, files: Record) -> Any:
    """The run of the whole workflow: from inputs/ to everything else."""
    times = bundle.load("run_metadata.json")
    tool = files.get(WORKFLOW) or _entity(crate, "#braggproof", "SoftwareApplication", name="Braggproof")
    about = {
        "name": f"Two engines, {_subject(bundle)}",
        "description": times.get("command", f"snakemake parity_{bundle.case} --config stamp={bundle.stamp}"),
        "startTime": _time(times["started"]),
        "endTime": _time(times["finished"]),
        "actionStatus": COMPLETED,
    }
    results = [entity for name, entity in files.items() if not name.startswith("inputs/")]
    return crate.add_action(tool, "#run", _inputs(files) or None, results or None, about)


def _engine_action(crate: ROCrate, bundle: Bundle, name: str, files: Record) -> list[Any]:
    """One engine run, from its run.json; a blocked one never ran and is no action."""
    run = bundle.load(name)
    if run["status"] == "blocked":
        return []
    folder = Path(name).parent
    outputs = [(folder / output["path"]).as_posix() for output in run["outputs"]]
    wanted = [*outputs, (folder / run["log"]).as_posix(), name]
    about = {
        "name": f"{run['engine']} engine, {folder.as_posix()}",
        "description": " ".join(run["argv"]),
        "startTime": _time(run["started"]),
        "endTime": _time(run["started"], run["wall_s"]),
        **_outcome(run),
        "environment": [_variable(crate, key, value) for key, value in sorted(run["env"].items())],
    }
    results = [files[path] for path in wanted if path in files]
    tool = _engine(crate, run)
    return [
        crate.add_action(
            tool, f"#{folder.as_posix()}", _inputs(files) or None, results, _without_empty(about)
        )
    ]


def _time(text: str, later_s: float = 0.0) -> str:
    """ISO 8601 with milliseconds and a numeric offset, the form that the profile's validators accept."""
    moment = datetime.fromisoformat(text).astimezone(UTC) + timedelta(seconds=later_s)
    return moment.isoformat(timespec="milliseconds")


def _outcome(run: Record) -> Record:
    if run["status"] == "ok":
        return {"actionStatus": COMPLETED}
    reason = run["reason"] or f"exit code {run['exit_code']}"
    return {"actionStatus": FAILED, "error": reason}


def _variable(crate: ROCrate, name: str, value: str) -> Any:
    return _entity(crate, f"#env-{name}={value}", "PropertyValue", name=name, value=value)


def _engine(crate: ROCrate, run: Record) -> Any:
    digest = run["binary_sha256"] or "unknown"
    about = {
        "name": f"{Path(run['binary']).name} ({run['engine']} engine)",
        "softwareVersion": f"sha256 {digest}",
    }
    return _entity(crate, f"#engine-{run['engine']}-{digest[:16]}", "SoftwareApplication", **about)


def _without_empty(properties: Record) -> Record:
    return {key: value for key, value in properties.items() if value != []}
