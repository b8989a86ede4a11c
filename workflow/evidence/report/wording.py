"""How reports call what JSON names: order and heading of columns, digits, what a table shows."""

# JSON keeps its keys sorted; people read a row from what it is about to how good it is.
FIRST = (
    "mode engine kind label shape field d_max d_min steps_from steps_to pixel slow fast "
    "phi_tic phi_deg name tensor factor parameter tap quantity axis "
    "component index line unit h k l N file max_c c py py_float64 py_float32 value exact ratio "
    "ratio_float32 dh dk dl"
).split()
LAST = "abs rel ulp digits digits_float32 evaluations threshold ok status reason note".split()
RENAMED = {
    "c": "C",
    "py": "PyTorch",
    "py_float64": "PyTorch float64",
    "py_float32": "PyTorch float32",
    "max_c": "Largest of C, photons",
    "phi_tic": "Phi step",
    "phi_deg": "Phi, degrees",
    "rot_b_y": "y of rotated b, angstrom",
    "rot_max": "any component, angstrom",
    "rel": "Relative difference",
    "max_rel_diff": "Largest relative difference",
    "distance_px": "Peak distance, px",
    "ulp": "Float32 steps",
    "max_ulp": "Most float32 steps",
    "identical_share": "Equal float32",
    "d_max": "From d, angstrom",
    "d_min": "to d, angstrom",
    "steps_from": "Float32 steps, from",
    "steps_to": "Float32 steps, to",
    "r": "Σ |Δ| / Σ |I|",
    "ok": "OK",
}
# Differences and digits of agreement say enough with three digits; values get nine.
COARSE = {
    "abs",
    "rel",
    "digits",
    "digits_float32",
    "dh",
    "dk",
    "dl",
    "rot_b_y",
    "rot_max",
    "worst",
    "distance_px",
}
COARSE |= {"step", "largest", "richardson", *(f"error_{k}" for k in (1, 2, 4, 8, 16))}
COARSE |= {"F_cell", "F_latt", "I_before_scaling", "max_rel_diff", "r"}
CAPTIONS = {
    "cell_tensors": "Reciprocal and real cell from both engines; at most 15.95 decimal digits can agree.",
    "scaling_chain": "Every factor from the sum over the crystal to the pixel; the ratio is PyTorch over C.",
    "phi_steps": "Largest difference of C and PyTorch over the traced pixels; h, k, l are dimensionless.",
    "mode_difference": "spec minus c-parity in PyTorch at the first traced pixel: how far the modes differ.",
    "pixels": "Largest relative difference between the engines at each traced pixel (slow, fast).",
    "sincg": "Shape transform recomputed in high precision: worst evaluation of each pixel and axis.",
    "hkl_lookup": "Reflections looked up: index, line of the file, the value there and on both sides.",
    "gradcheck": "Gradients by autograd against central differences, each parameter scaled by 1 + x.",
    "geometry": "The placed detector, as the engines read it from the command: resolution follows from it.",
    "differences": "PyTorch's derivative by a number of the command line against differences of C: their "
    "error at 1 to 16 times the step, its correlation with the step, and that of the extrapolation.",
    "gradients": "Every field that may hold a tensor: whether it has a gradient, and why not.",
    "spots": "The brightest spots of the full frame of C, each compared on its own.",
}


def heading(key: str) -> str:
    """`identical_share` as `Identical share`; short symbols such as dh as they are."""
    text = RENAMED.get(key, key.replace("_", " ").replace("/", " "))
    return text[0].upper() + text[1:] if len(text) > 3 else text


def rank(key: str) -> tuple[int, int, str]:
    """Sort key of a column."""
    if key in FIRST:
        return (0, FIRST.index(key), key)
    return (2, LAST.index(key), key) if key in LAST else (1, 0, key)


def digits(key: str) -> int:
    """Digits of the numbers of a column."""
    return 3 if key in COARSE else 9


def caption(title: str) -> str:
    """What the table of that heading shows; empty for one that is not known here."""
    return CAPTIONS.get(title.lower().replace(" ", "_"), "")
