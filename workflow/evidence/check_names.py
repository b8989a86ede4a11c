"""Checks as people call them: `spec_rot_b_y` is "rotated b, y component, spec mode"."""

from evidence.records import Record

WORDS = {
    "hkl": "fractional h, k, l",
    "factor_ratio": "each scaling factor, PyTorch over C",
    "dk": "fractional k",
    "rot_b_y": "rotated b, y component",
    "spec_phi0_unrotated": "crystal unturned at phi 0, spec mode",
    "factors": "structure factor, lattice factor, sum before scaling",
    "F_cell": "structure factor F_cell",
    "F_latt": "lattice factor F_latt",
    "I_before_scaling": "sum over the crystal, before scaling",
    "first_divergence": "traced pixels that diverge",
    "sincg": "shape transform sincg against high precision",
    "hkl_lookup": "reflections that are not those of the file",
    "gradcheck": "gradients that central differences contradict",
    "richardson": "derivatives against extrapolated differences of C",
    "step_correlation": "how the error of a difference follows its step",
    "gradients_not_finite": "derivatives that are not finite",
    "gradients_unexplained": "fields without a derivative and without a reason",
    "correlation": "correlation",
    "sum_ratio": "sum of all pixels, ratio",
    "identical_share": "pixels equal as float32",
    "peak_distance_px": "mean distance of paired peaks",
    "max_abs_photons": "largest difference of a pixel",
    "max_rel": "largest difference of a pixel, relative",
    "off_share": "pixels too many float32 steps apart",
    "block_sum_rel": "sums of 8 × 8 pixels, relative",
    "trace": "what it prints of the traced pixels, against PyTorch",
    "proxy": "what it does not print, by proxy of the C engine built here",
    "spots_correlation": "brightest spots, worst correlation",
    "spots_sum_ratio": "brightest spots, worst ratio of sums",
    "spots_peak_distance_px": "brightest spots, mean distance of peaks",
}
MODES = {"spec_": "spec mode", "c_parity_": "c-parity mode"}


def words(check: Record) -> str:
    """The check's own title, else its name in words; a name that is not known here without underscores."""
    return str(check.get("title") or spoken(str(check["name"])))


def spoken(name: str) -> str:
    """A name in words: of the longest known name in it, with the mode before and what comes after."""
    if name in WORDS:
        return WORDS[name]
    for prefix, mode in MODES.items():
        if name.startswith(prefix):
            return f"{spoken(name.removeprefix(prefix))}, {mode}"
    known = [base for base in WORDS if name.startswith(f"{base}_")]
    base = max(known, key=len, default="")
    if not base:
        return name.replace("_", " ")
    return f"{WORDS[base]}, {name.removeprefix(base)[1:].replace('_', ' ')}"
