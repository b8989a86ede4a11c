"""Check a bundle's ro-crate-metadata.json offline: form, profiles, references, size and hash of each file."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from evidence.errors import StoreError
from evidence.ledger import bundles, sums
from evidence.provenance.crate import COMPLETED, CONTEXT, FAILED, METADATA, PROCESS, WORKFLOW_PROFILES

Entity = dict[str, Any]
MAIN_TYPES = {"File", "SoftwareSourceCode", "ComputationalWorkflow"}


def check(bundle: Path) -> list[str]:
    """What is wrong, one line each; empty when nothing is."""
    try:
        crate = bundles.at(bundle).load(METADATA)
        graph = {entity["@id"]: entity for entity in crate["@graph"]}
    except (StoreError, KeyError, TypeError) as error:
        return [f"{METADATA}: {error}"]
    if len(graph) != len(crate["@graph"]):
        return ["an @id is there twice"]
    if METADATA not in graph or "./" not in graph:
        return ["no metadata descriptor or no root"]
    problems = [*_form(crate, graph), *_references(graph), *_files(bundle, graph)]
    return [*problems, *_actions(graph), *_main(graph)]


def ids(value: Any) -> list[str]:
    """The @id of each reference in a property (a list, one, or none)."""
    values = value if isinstance(value, list) else [value]
    return [item["@id"] for item in values if isinstance(item, dict) and "@id" in item]


def types(entity: Entity) -> set[str]:
    """The types of an entity."""
    kind = entity["@type"]
    return set(kind) if isinstance(kind, list) else {kind}


def _form(crate: Entity, graph: dict[str, Entity]) -> Iterator[str]:
    contexts = crate["@context"] if isinstance(crate["@context"], list) else [crate["@context"]]
    if not {"https://w3id.org/ro/crate/1.1/context", CONTEXT} <= {str(context) for context in contexts}:
        yield f"@context: expected RO-Crate 1.1 and {CONTEXT}, got {contexts}"
    descriptor, root = graph[METADATA], graph["./"]
    if "https://w3id.org/ro/crate/1.1" not in ids(descriptor.get("conformsTo")):
        yield f"{METADATA}: does not conform to RO-Crate 1.1"
    if ids(descriptor.get("about")) != ["./"]:
        yield f"{METADATA}: not about ./"
    yield from (
        f"./: no {name}" for name in ("name", "description", "datePublished", "license") if not root.get(name)
    )
    if PROCESS[0] not in ids(root.get("conformsTo")):
        yield f"./: does not name the profile {PROCESS[0]}"


def _references(graph: dict[str, Entity]) -> Iterator[str]:
    """Every reference leads to an entity, or away from the crate."""
    for entity in graph.values():
        for key, value in entity.items():
            for target in [] if key == "@id" else ids(value):
                if target not in graph and not target.startswith(("http://", "https://")):
                    yield f"{entity['@id']}: {key} leads to {target}, which is not there"


def _files(bundle: Path, graph: dict[str, Entity]) -> Iterator[str]:
    here = set(sums.entries(bundle).files) - {METADATA}
    parts = ids(graph["./"].get("hasPart"))
    listed = {unquote(part): graph[part] for part in parts if part in graph}
    yield from (f"{name}: in the bundle, not in the crate" for name in sorted(here - listed.keys()))
    yield from (f"{name}: in the crate, not in the bundle" for name in sorted(listed.keys() - here))
    for name in sorted(here & listed.keys()):
        measured, entity = sums.measure(bundle / name), listed[name]
        if "File" not in types(entity):
            yield f"{name}: is no File"
        if (entity.get("contentSize"), entity.get("sha256")) != (str(measured.size), measured.sha256):
            yield f"{name}: has another size or sha256 than the crate says"


def _actions(graph: dict[str, Entity]) -> Iterator[str]:
    mentioned = ids(graph["./"].get("mentions"))
    actions = [entity for entity in graph.values() if "CreateAction" in types(entity)]
    if not actions:
        yield "no CreateAction: the crate tells of no run"
    for action in actions:
        name = action["@id"]
        if name not in mentioned:
            yield f"{name}: not mentioned by ./"
        if len(ids(action.get("instrument"))) != 1:
            yield f"{name}: expected one instrument"
        if not ids(action.get("result")):
            yield f"{name}: no result"
        yield from (
            f"{name}: {key} is no time" for key in ("startTime", "endTime") if not _is_time(action.get(key))
        )
        if action.get("actionStatus") not in (COMPLETED, FAILED):
            yield f"{name}: expected actionStatus completed or failed"
        if "error" in action and action.get("actionStatus") != FAILED:
            yield f"{name}: an error, but not failed"


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _main(graph: dict[str, Entity]) -> Iterator[str]:
    """A Workflow Run Crate: its main entity is the workflow that an action ran."""
    root = graph["./"]
    named = [profile for profile, _, _ in WORKFLOW_PROFILES if profile in ids(root.get("conformsTo"))]
    main = ids(root.get("mainEntity"))
    if not named and not main:
        return
    if len(named) != len(WORKFLOW_PROFILES) or len(main) != 1 or main[0] not in graph:
        yield "./: a workflow run needs mainEntity and both workflow profiles"
        return
    if not types(graph[main[0]]) >= MAIN_TYPES:
        yield f"{main[0]}: expected the types {', '.join(sorted(MAIN_TYPES))}"
    if not ids(graph[main[0]].get("programmingLanguage")):
        yield f"{main[0]}: no programmingLanguage"
    if not any(ids(entity.get("instrument")) == main for entity in graph.values()):
        yield f"{main[0]}: no action ran it"
