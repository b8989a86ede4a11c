"""Operations of the inner loop, counted in the very graph that is compiled."""

from collections import Counter
from typing import Any

import torch

from simulator.compiled.fused import programs
from simulator.rendering.scene import Scene

# One flop each; divisions and roots are counted apart, since a core makes few of them at a time.
ARITHMETIC = frozenset("add sub mul neg rsub sum abs".split())
DIVISIONS = frozenset("div sqrt reciprocal rsqrt".split())
FUNCTIONS = frozenset("sin cos exp pow log".split())
FREE = frozenset("getitem full_like zeros_like ones_like".split())  # nothing is computed


def of_sweep(scene: Scene, dtype: torch.dtype) -> dict[str, Any]:
    """Per evaluation: {"arithmetic", "divisions", "functions", "other", "by_name": {...}}."""
    role = "tricubic" if scene.experiment.crystal.interpolate else "sweep"
    program = programs(scene, dtype)[role]
    inputs = tuple(tensor.detach().clone() for tensor in program.example)
    with torch.inference_mode(False):
        exported = torch.export.export(program.code, (inputs,))
    vectors, directions = len(inputs[0]), len(inputs[1])
    totals: Counter[str] = Counter()
    for node in exported.graph.nodes:
        if node.op == "call_function":
            totals[_name(node)] += _elements(node)
    each = {name: total / (vectors * directions) for name, total in sorted(totals.items()) if total}
    found: dict[str, Any] = {kind: 0.0 for kind in ("arithmetic", "divisions", "functions", "other")}
    for name, number in each.items():
        found[_kind(name)] += number
    return {**found, "by_name": each}


def _name(node: Any) -> str:
    packet = getattr(node.target, "overloadpacket", node.target)
    return str(getattr(packet, "__name__", packet)).rstrip("_")


def _elements(node: Any) -> int:
    """Numbers that it computes: those it puts out, or takes in where it sums; views compute none."""
    value = node.meta.get("val")
    if _name(node) in FREE or getattr(node.target, "is_view", False) or not isinstance(value, torch.Tensor):
        return 0
    if _name(node) == "sum":
        value = node.args[0].meta["val"]
    return int(value.numel())


def _kind(name: str) -> str:
    sets = (("arithmetic", ARITHMETIC), ("divisions", DIVISIONS), ("functions", FUNCTIONS))
    return next((kind for kind, names in sets if name in names), "other")
