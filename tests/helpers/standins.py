"""Our C engine behind the face of an external nanoBragg: its flags, its printout, faults on demand.

`stock` prints a pixel with -printout_pixel, to 6 or 10 digits; `instrumented` with -trace_pixel, 15 digits,
one block a layer and subpixel. Neither knows our --flags: such words are passed over, as nanoBragg does.
"""

import sys
from pathlib import Path

FACE = '''#!{python}
import math, struct, subprocess, sys
KIND, ENGINE, FAULT = {kind!r}, {engine!r}, {fault!r}
words = [word for word in sys.argv[1:] if not word.startswith("--")]
if "-help" in words or not words:
    print("usage: nanoBragg -mat auto.mat -hkl Fs.hkl -distance 100 -lambda 1.0 -N 10")
    sys.exit(0)
asked = "-printout_pixel" if KIND == "stock" else "-trace_pixel"
pixel = None
for flag in ("-printout_pixel", "-trace_pixel"):
    while flag in words:
        at = words.index(flag)
        pair = [int(word) for word in words[at + 1 : at + 3]]
        pixel = (pair if flag == "-trace_pixel" else pair[::-1]) if flag == asked else pixel
        del words[at : at + 3]
if FAULT == "crash":
    print("allocating a lot", flush=True)
    print("no beam today", file=sys.stderr)
    sys.exit(3)
if FAULT == "crash on traces" and pixel and "probe.bin" not in words:
    sys.exit("cannot trace today")

def taps(words, pixel):
    command = [ENGINE, *words, "-trace_pixel", *map(str, pixel), "--trace-only", "--trace-blocks"]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("TRACE_C: ")]
    return [(name, [float(value) for value in values]) for _, name, *values in lines]

def split(lines):
    """Blocks in order, and the sums after the first."""
    blocks, sums = {{}}, {{}}
    for name, values in lines:
        if name.startswith("phi_"):
            break
        prefix, tap = "", name
        if name.startswith("block_"):
            parts = name.split("_", 4)
            prefix, tap = "_".join(parts[:4]), parts[4]
        home = sums if not prefix and tap in SUMS else blocks.setdefault(prefix, {{}})
        home[tap] = values
    return list(blocks.values()), sums

SUMS = ("I_before_scaling r_e_sqr fluence_photons_per_m2 steps capture_fraction polar omega_pixel cos_2theta "
        "I_pixel_final").split()
print("nanoBragg nanocrystal diffraction simulator - a stand-in")
done = subprocess.run([ENGINE, *words], capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stderr)
if FAULT.startswith("image"):
    named = [words[i + 1] for i, word in enumerate(words) if word in ("-floatfile", "-floatimage")]
    name = named[-1] if named else "floatimage.bin"
    raw = bytearray(open(name, "rb").read())
    pixels = list(struct.unpack("<%df" % (len(raw) // 4), raw))
    bright = max(range(len(pixels)), key=pixels.__getitem__)
    pixels = [p * 1.001 for p in pixels] if FAULT == "image scaled" else pixels
    pixels[bright] *= 1.5
    open(name, "wb").write(struct.pack("<%df" % len(pixels), *pixels))
if pixel:
    found = taps(words, pixel)
    blocks, sums = split([pair for pair in found if pair[0] != "trace_pixel"])
    first = blocks[0]
    if FAULT == "trace":
        blocks[-1]["hkl_frac"][1] += 1e-7
        sums["polar"][0] *= 1.0 + 1e-9
    g = lambda values, digits=6: " ".join("%.*g" % (digits, value) for value in values)
    print("volume = %g A^3" % first["V_cell_A3"][0])
    for title, ends in (("real-space cell vectors (Angstrom)", "%s_angstroms"),
                        ("reciprocal-space cell vectors (Angstrom^-1)", "%s_star_A_inv")):
        print(title + ":\\n     a           b           c         ")
        for i, axis in enumerate("XYZ"):
            print(axis + ": " + " ".join("%11.8f" % first["cell_" + ends % n][i] for n in "abc"))
    print("  created a total of 1 sources:")
    print(g([-10 * x for x in first["incident_vec"]]), " 1", g(first["lambda_meters"]))
    print("  incident fluence: %g photons/m^2" % sums["fluence_photons_per_m2"][0])
    print("  DIRECTION_OF_DETECTOR_X-AXIS=", g(first["fdet_vec"]))
    print("  DIRECTION_OF_DETECTOR_Y-AXIS=", g(first["sdet_vec"]))
    print("  DIRECTION_OF_DETECTOR_Z-AXIS=", g(first["odet_vec"]))
    oversample = math.isqrt(len(blocks)) if math.isqrt(len(blocks)) ** 2 == len(blocks) else 1
    rest = round(sums["steps"][0] / oversample ** 2)
    print("  sensor is 0 m thick in %d layers with mu= -1" % (len(blocks) // oversample ** 2))
    print("  1 sources\\n  1 mosaic domains over mosaic spread of 0 degrees")
    print("  %d phi steps from 0 to 0 degrees" % rest)
    print("  %dx%d pixel oversample steps" % (oversample, oversample))
if pixel and KIND == "stock":
    last = blocks[-1]
    print("%4d %4d : stol = 9.1e+07 or 0.0091" % (pixel[1], pixel[0]))
    print("at " + g(last["pixel_pos_meters"]))
    print("hkl= %f %f %f" % tuple(last["hkl_frac"]), " hkl0= %.0f %.0f %.0f" % tuple(last["hkl_rounded"]))
    whole = sums["I_before_scaling"][0]
    print(" F_cell=%g  F_latt=%g   I = %g" % (last["F_cell"][0], last["F_latt"][0], whole))
    print("I/steps %15.10g" % (whole / sums["steps"][0]))
    for name, tap in (("polar", "polar"), ("omega", "omega_pixel"), ("capfrac", "capture_fraction")):
        print("%-7s %15.10g" % (name, sums[tap][0]))
    print("pixel   %15.10g" % struct.unpack("<f", struct.pack("<f", sums["I_pixel_final"][0])))
if pixel and KIND == "instrumented":
    print("TRACE_CONFIG: tracing pixel (spixel=%d, fpixel=%d)" % tuple(pixel))
    print("TRACE_C:detector_convention=MOSFLM")
    for block in blocks:
        for name, values in block.items():
            if name == "odet_vec" or name.startswith(("cell_", "V_")):
                continue
            print("TRACE_C:", name.replace("scattering_vec_m_inv", "scattering_vec_A_inv"), g(values, 15))
            if name == "lambda_meters":
                print("TRACE_C: lambda_angstroms", g([values[0] * 1e10], 15))
    for name, values in sums.items():
        if name == "r_e_sqr":
            print("TRACE_C: r_e_meters", g([math.sqrt(values[0])], 15))
        print("TRACE_C:", name, g(values, 15))
        if name == "steps":
            print("TRACE_C: oversample_thick 0\\nTRACE_C: oversample_polar 0\\nTRACE_C: oversample_omega 0")
    print("TRACE_C: floatimage_accumulated", g(sums["I_pixel_final"], 15))
print("solid angle subtended by detector = 0.0365275 steradian ( 0.290676% sphere)")
'''


def stand_in(path: Path, engine: Path, kind: str, fault: str = "") -> Path:
    """Write a program of this kind around our engine.

    Faults: crash; "crash on traces" (all but a probe's); "image" (its brightest pixel x 1.5), "image scaled"
    (all x 1.001 too), "trace" (a number off in the last block).
    """
    text = FACE.format(python=sys.executable, kind=kind, engine=str(engine), fault=fault)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path
