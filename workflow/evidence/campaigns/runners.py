"""Each kind of engine behind one call: a case in, an outcome out. Runs share nothing but read-only inputs."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from evidence.campaigns.contenders import Contender
from evidence.campaigns.expand import Case
from evidence.campaigns.outcome import PICTURED, Outcome, finished
from evidence.campaigns.warm import Warm
from evidence.engines.adapters import Probe, probe, translate
from evidence.engines.arguments import grouped, name_of
from evidence.engines.child import run_child
from evidence.engines.programs import environment
from evidence.engines.talking import EndedError
from simulator.commandline.flags import TORCH_FLAGS

Runner = Callable[[Case], Outcome]
ONLY_TORCH = frozenset(name for flag in TORCH_FLAGS for name in flag.names)
LOG = "run.log"


class Runners:
    """Runners of a campaign's engines; `with` ends the workers."""

    def __init__(self, inputs: Path, timeout_s: float, simulator: Path | None = None) -> None:
        """`simulator`: the folder of another copy of the PyTorch engine, one with a rule undone."""
        self.inputs, self.timeout_s = inputs, timeout_s
        self.warm = Warm(simulator=simulator)
        self.probed: dict[str, Probe] = {}

    def __enter__(self) -> "Runners":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.warm.stop(kill=kind is not None)

    def run(self, engine: Contender, case: Case) -> Outcome:
        """The case through the engine, in a folder of its own."""
        if case.engines is not None and engine.name not in case.engines:
            return Outcome("absent", "the case asks other engines")
        if engine.kind == "stored":
            return stored(case)
        return self._torch(engine, case) if engine.kind == "torch" else self._program(engine, case)

    def _torch(self, engine: Contender, case: Case) -> Outcome:
        arguments = [*engine.arguments, *case.arguments]  # a flag without its value must stay the last word
        with self._folder(case) as folder:
            try:
                if engine.device not in self._devices():
                    status = "absent" if engine.optional else "blocked"
                    return Outcome(status, f"no device {engine.device} here")
                before = {path.name for path in folder.iterdir()}
                answer = self.warm.ask({"argv": arguments, "folder": str(folder)}, self.timeout_s)
            except EndedError as problem:
                return Outcome("failed", str(problem))
            return finished(
                folder, arguments, before, answer["code"], answer["said"] + answer["told"],
                answer["wall_s"], answer["peak_rss_bytes"], case.expect,
            )  # fmt: skip

    def _devices(self) -> list[str]:
        if self.warm.starts == 0:
            self.warm.ask({"do": "devices"}, self.timeout_s)
        return list(self.warm.about["devices"])

    def _program(self, engine: Contender, case: Case) -> Outcome:
        known = self.probed.get(engine.name) or probe([engine.program])
        self.probed[engine.name] = known
        arguments = [*(engine.arguments if known.kind == "ours" else ()), *case.arguments]
        words = translate(known.kind, arguments)
        blocked = words.blocked or (None if "image" in known.can else known.reason.get("image", "unusable"))
        if blocked is None and known.kind != "ours" and case.expect not in PICTURED:
            blocked = f"nanoBragg does not check its arguments: no {case.expect} to compare"
        if blocked:
            return Outcome("blocked", blocked)
        with self._folder(case) as folder:
            before = {path.name for path in folder.iterdir()} | {LOG}
            env = {**os.environ, **environment(1)}
            end = run_child([engine.program, *words.arguments], folder, folder / LOG, env, self.timeout_s)
            said = (folder / LOG).read_text(encoding="utf-8", errors="replace")
            if end.exit_code is None or end.exit_code < 0:
                return Outcome("failed", end.problem or "it ended", end.exit_code, said, wall_s=end.wall_s)
            code = end.exit_code
            return finished(
                folder, words.arguments, before, code, said, end.wall_s, end.peak_rss_bytes, case.expect
            )

    @contextmanager
    def _folder(self, case: Case) -> Iterator[Path]:
        """A fresh folder with links to the inputs that the case names."""
        with tempfile.TemporaryDirectory(prefix="campaign-") as name:
            words = {word for group in grouped(case.arguments) for word in group[1:]}
            for path in self.inputs.iterdir():
                if path.name in words:
                    Path(name, path.name).symlink_to(path.resolve())
            yield Path(name)


def stored(case: Case) -> Outcome:
    """The image that nanoBragg itself made; where a window was kept, all else is zero."""
    if case.stored is None:
        return Outcome("blocked", "no image of this case is stored")
    found: Mapping[str, object] = case.stored
    with np.load(str(found["images"])) as images:
        if found["name"] not in images.files:
            return Outcome("failed", f"{found['images']} holds no {found['name']}")
        kept = np.asarray(images[str(found["name"])], "<f4")
    window, shape = case.stored["window"], case.stored["shape"]
    if window is None:
        return Outcome("ok", picture=kept if shape is None else kept.reshape(shape))
    whole = np.zeros(shape, "<f4")
    whole[slice(*window["slow"]), slice(*window["fast"])] = kept
    return Outcome("ok", picture=whole)


def only_torch(case: Case) -> bool:
    """Whether a flag of the case is known to the PyTorch engine alone."""
    return any(name_of(group) in ONLY_TORCH for group in grouped(case.arguments))
