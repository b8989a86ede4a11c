"""The engines on the C side: the one built here, and every external nanoBragg that was asked for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from evidence import paths
from evidence.engines.adapters import OURS, PROBE_S, probe
from evidence.engines.programs import Engine
from evidence.errors import InputError

Asked = str | Sequence[str] | None  # c_engine of the configuration
FOREIGN = ("stock", "instrumented")


@dataclass(frozen=True)
class CEngines:
    """`own` is judged against PyTorch; `external`, label of their runs to engine, against both."""

    own: Engine
    external: Mapping[str, Engine] = field(default_factory=dict)
    replaced: bool = False  # `own` is a program asked for, not the engine built here


def asked_programs(config_value: Asked = None) -> list[str]:
    """Paths of NB_C_BIN (separated as in PATH), else of the configuration."""
    environ = os.environ.get("NB_C_BIN")
    if environ:
        return [path for path in environ.split(os.pathsep) if path]
    return [config_value] if isinstance(config_value, str) else list(config_value or ())


def find_c_engine(config_value: Asked = None) -> Engine:
    """The C side of a comparison of two: the first program asked for, else the one built here."""
    asked = asked_programs(config_value)
    return _probed(asked[0], PROBE_S) if asked else built_engine()


def built_engine() -> Engine:
    """The C engine built here; it can do nothing, and says so, where there is none."""
    path = paths.c_engine()
    if path is None:
        why = dict.fromkeys(OURS, paths.NO_ENGINE)
        return Engine("unusable", "c", (str(paths.BUILT_ENGINE),), frozenset(), why)
    return _probed(str(path), PROBE_S)


def find_c_engines(config_value: Asked = None, timeout_s: float = PROBE_S) -> CEngines:
    """The C engine built here, and beside it every other nanoBragg asked for.

    A program that is another build of ours takes the place of the one built here; so does one that is of no
    use, so that nothing passes in spite of it.
    """
    engines = [_probed(path, timeout_s) for path in asked_programs(config_value)]
    external = [engine for engine in engines if engine.kind in FOREIGN]
    instead = [engine for engine in engines if engine.kind not in FOREIGN]
    own = min(instead, key=lambda engine: engine.kind != "unusable") if instead else built_engine()
    return CEngines(own, {f"external_{n}": engine for n, engine in enumerate(external, 1)}, bool(instead))


def refuse_unstartable(config_value: Asked = None, timeout_s: float = PROBE_S) -> None:
    """Raise InputError for a program asked for that cannot be started, or does not answer in time."""
    for path in asked_programs(config_value):
        engine = _probed(path, timeout_s)
        if engine.unstartable:
            where = "NB_C_BIN" if os.environ.get("NB_C_BIN") else "key c_engine"
            raise InputError(where, "a nanoBragg that starts and answers", f"'{path}': {engine.unstartable}")


def _probed(path: str, timeout_s: float) -> Engine:
    place = Path(path).resolve()
    state = place.stat() if place.is_file() else None
    return _answers(str(place), timeout_s, (state.st_mtime_ns, state.st_size) if state else None)


@cache
def _answers(path: str, timeout_s: float, _state: tuple[int, int] | None) -> Engine:
    found = probe([path], timeout_s)
    return Engine(found.kind, "c", (path,), found.can, found.reason, unstartable=found.unstartable)
