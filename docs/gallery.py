"""The gallery: images made while the documentation is built, each with the command line that made it."""

import contextlib
import io
import tempfile
from pathlib import Path

from simulator.cli import main

COMMON = "-detpixels 320 -pixel 0.3 -oversample 1 -nonoise -nopgm -noprogress"
LYSOZYME = (
    "-hkl lysozyme.hkl -cell 27.07 31.25 33.76 87.98 72 67.89 -misset 20 35 50 -lambda 0.9768 -distance 90 "
    "-N 10 --mode spec"
)
SMALL = "-cell 70 80 90 -default_F 100 -misset 10 20 30"
IMAGES = (  # name, title, flags
    ("lysozyme", "Triclinic lysozyme, a still", f"{LYSOZYME} -fluence 1e24"),
    ("rotation", "The same crystal, turned by a degree", f"{LYSOZYME} -fluence 1e24 -osc 1 -phisteps 20"),
    ("fringes", "Few cells: fringes between the spots", f"{SMALL} -N 5"),
    ("sphere", "A round crystal has round fringes", f"{SMALL} -N 5 -round_xtal"),
    ("mosaic", "Mosaic spread smears spots into arcs", f"{SMALL} -N 14 -mosaic 2 -mosaic_dom 40"),
    ("tilted", "A tilted detector: rings become ellipses", f"{SMALL} -N 8 -detector_roty 25 -twotheta 20"),
    ("counts", "Photons, counted", f"{LYSOZYME} -fluence 1e27 -osc 1 -phisteps 20 -adc 0 --pixels noise"),
)
HEAD = """# Gallery

Every picture is made by `nanobragg-torch ... -o NAME.png` while this page is built: brightness by its
logarithm over four decades, rings of resolution, circles around the brightest spots. `lysozyme.hkl` is
`nb-hkl config/inputs/hewl_2vb1_fc.mtz -o lysozyme.hkl`.
"""


def pages() -> dict[str, str | bytes]:
    """gallery.md and its pictures. Raises RuntimeError where the engine refuses a command line."""
    text, found = HEAD, dict[str, str | bytes]()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reflections(folder / "lysozyme.hkl")
        for name, title, flags in IMAGES:
            command = f"{flags} {COMMON}"
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                status = main([*command.split(), "--compile", "off", "-o", f"{name}.png"], folder)
            if status:
                raise RuntimeError(f"gallery {name}: {said.getvalue()}")
            found[f"gallery/{name}.png"] = (folder / f"{name}.png").read_bytes()
            text += f"\n## {title}\n\n![{title}](gallery/{name}.png)\n\n```sh\nnanobragg-torch {flags} \\\n"
            text += f"    {COMMON} -o {name}.png\n```\n"
    return found | {"gallery.md": text}


def reflections(path: Path) -> None:
    """The reflections that are shipped, in P1."""
    from simulator.formats.nb_hkl import main as nb_hkl  # noqa: PLC0415  loads gemmi

    source = Path(__file__).resolve().parents[1] / "config" / "inputs" / "hewl_2vb1_fc.mtz"
    with contextlib.redirect_stdout(io.StringIO()):
        if nb_hkl([str(source), "-o", str(path)]):
            raise RuntimeError("gallery: the reflections could not be made")
