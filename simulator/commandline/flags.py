"""Every flag: spellings, values as name:kind, help, fewest values.

Twin: reference/commandline/flags.c, row by row.

The kinds are those of tokens.py. TORCH_FLAGS are for this engine alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Flag:
    """One row: every spelling of the flag, its values as `name:kind`, and what it means."""

    names: tuple[str, ...]
    values: tuple[str, ...]
    help: str
    least: int = -1  # fewest values; -1: all of them


def _row(names: str, values: str, text: str, least: int = -1) -> Flag:
    return Flag(tuple(names.split()), tuple(values.split()), text, least)


FLAGS: tuple[Flag, ...] = (
    _row("-mat", "FILE:file", "MOSFLM A matrix: rows x,y,z of the columns a*, b*, c*, times wavelength"),
    _row("-cell", "a:pos b:pos c:pos al:pos be:pos ga:pos", "unit cell, A and deg", 1),
    _row("-misset", "x:num|random y:num z:num", "misorientation, deg, or random", 3),
    _row("-misset_seed", "n:count", "seed of -misset random"),
    _row("-hkl", "FILE:file", "reflections, lines h k l F"),
    _row("-default_F", "F:num", "structure factor where no reflection is given"),
    _row("-dump", "FILE:file", "binary reflection cache"),
    _row("-Na", "n:int", "unit cells along a"),
    _row("-Nb", "n:int", "unit cells along b"),
    _row("-Nc", "n:int", "unit cells along c"),
    _row("-N", "n:int", "unit cells along a, b and c"),
    _row("-xtalsize -xtal_size -samplesize -sample_size", "mm:pos", "crystal size"),
    _row("-xtal_thick -xtal_x -sample_thick -sample_x", "mm:pos", "crystal size along a"),
    _row("-xtal_width -xtal_y -sample_width -sample_y -width", "mm:pos", "crystal size along b"),
    _row("-xtal_height -xtal_z -sample_height -sample_z -height", "mm:pos", "crystal size along c"),
    _row("-square_xtal", "", "parallelepiped crystal: grating function per axis"),
    _row("-round_xtal", "", "ellipsoidal crystal"),
    _row("-gauss_xtal", "", "Gaussian spots"),
    _row("-tophat_spots -binary_spots", "", "top-hat spots"),
    _row("-fudge", "f:pos", "factor on the shape transform's argument"),
    _row("-mosaic -mosaici -mosaic_spread", "deg:nonneg", "mosaic spread"),
    _row("-mosaic_dom -mosaic_domains", "n:int", "mosaic domains"),
    _row("-mosaic_seed", "n:count", "seed of the mosaic domains"),
    _row("-phi", "deg:num", "spindle angle at the start"),
    _row("-osc", "deg:num", "oscillation range; negative: not given"),
    _row("-phistep", "deg:num", "spindle step"),
    _row("-phisteps", "n:int", "spindle steps"),
    _row("-spindle_axis", "x:num y:num z:num", "spindle direction; custom convention"),
    _row("-lambda -wave", "A:pos", "wavelength"),
    _row("-energy", "eV:pos", "photon energy"),
    _row("-dispersion", "percent:num", "spectral range"),
    _row("-dispsteps", "n:int", "wavelengths in the spectral range"),
    _row("-divergence", "mrad:num", "divergence range, both directions"),
    _row("-hdivrange", "mrad:num", "horizontal divergence range"),
    _row("-vdivrange", "mrad:num", "vertical divergence range"),
    _row("-hdivstep", "mrad:num", "horizontal divergence step"),
    _row("-vdivstep", "mrad:num", "vertical divergence step"),
    _row("-hdivsteps", "n:int", "horizontal divergence steps"),
    _row("-vdivsteps", "n:int", "vertical divergence steps"),
    _row("-divsteps", "n:int", "divergence steps, both directions"),
    _row("-round_div", "", "trim the divergence grid to an ellipse"),
    _row("-square_div", "", "keep the whole divergence grid"),
    _row("-sourcefile", "FILE:file", "sources: rows X Y Z weight wavelength, metres"),
    _row("-fluence", "photons/m^2:nonneg", "incident fluence"),
    _row("-flux", "photons/s:nonneg", "flux, with -exposure and -beamsize"),
    _row("-exposure", "s:nonneg", "exposure time"),
    _row("-beamsize", "mm:pos", "beam size"),
    _row("-polar", "K:num", "Kahn polarization factor"),
    _row("-nopolar", "", "no polarization correction"),
    _row("-polar_vector", "x:num y:num z:num", "polarization normal; custom convention"),
    _row("-distance", "mm:pos", "distance along the beam; pivot beam"),
    _row("-close_distance", "mm:pos", "distance along the detector normal; pivot sample"),
    _row("-pixel", "mm:pos", "pixel size"),
    _row("-detpixels", "n:count", "pixels along fast and slow"),
    _row("-detpixels_f -detpixels_x", "n:count", "pixels along fast"),
    _row("-detpixels_s -detpixels_y", "n:count", "pixels along slow"),
    _row("-detsize", "mm:pos", "detector side, fast and slow"),
    _row("-detsize_f", "mm:pos", "detector side, fast"),
    _row("-detsize_s", "mm:pos", "detector side, slow"),
    _row("-Xbeam", "mm:num", "beam centre X; pivot beam"),
    _row("-Ybeam", "mm:num", "beam centre Y; pivot beam"),
    _row("-Xclose", "mm:num", "X of the point nearest the sample; pivot sample"),
    _row("-Yclose", "mm:num", "Y of the point nearest the sample; pivot sample"),
    _row("-ORGX", "pixels:num", "XDS origin, fast; pivot sample"),
    _row("-ORGY", "pixels:num", "XDS origin, slow; pivot sample"),
    _row("-pivot", "where:beam|sample", "what detector rotations keep in place"),
    _row("-detector_rotx", "deg:num", "detector rotation about lab X"),
    _row("-detector_roty", "deg:num", "detector rotation about lab Y"),
    _row("-detector_rotz", "deg:num", "detector rotation about lab Z"),
    _row("-twotheta", "deg:num", "detector swing; pivot sample"),
    _row("-twotheta_axis", "x:num y:num z:num", "axis of the swing; custom convention"),
    _row("-mosflm", "", "MOSFLM convention"),
    _row("-xds", "", "XDS convention"),
    _row("-adxv", "", "ADXV convention"),
    _row("-denzo", "", "DENZO convention"),
    _row("-dials", "", "DIALS convention"),
    _row("-fdet_vector", "x:num y:num z:num", "fast direction; custom convention"),
    _row("-sdet_vector", "x:num y:num z:num", "slow direction; custom convention"),
    _row("-odet_vector", "x:num y:num z:num", "detector normal; custom convention"),
    _row("-beam_vector", "x:num y:num z:num", "beam direction; custom convention"),
    _row("-pix0_vector", "x:num y:num z:num", "corner of the first pixel, m; custom convention"),
    _row("-pix0_vector_mm", "x:num y:num z:num", "corner of the first pixel, mm; custom convention"),
    _row(
        "-detector_abs -detector_absorb",
        "um:nonneg|inf",
        "attenuation depth of the sensor; inf or 0: none, nor thickness",
    ),
    _row("-detector_thick", "um:nonneg", "sensor thickness"),
    _row("-thicksteps -detector_thicksteps", "n:int", "sensor layers"),
    _row("-curved_det", "", "every pixel at the same distance"),
    _row("-point_pixel", "", "solid angle 1/R^2"),
    _row("-oversample", "n:int", "subpixels per pixel side"),
    _row("-oversample_thick", "", "capture fraction for every subpixel"),
    _row("-oversample_polar", "", "polarization for every subpixel"),
    _row("-oversample_omega", "", "solid angle for every subpixel"),
    _row("-roi", "xmin:int xmax:int ymin:int ymax:int", "pixels to render, inclusive; x is fast"),
    _row("-dmin", "A:nonneg", "resolution limit"),
    _row("-water", "um:nonneg", "water background of this thickness"),
    _row("-interpolate", "", "tricubic interpolation of structure factors"),
    _row("-nointerpolate", "", "nearest structure factor"),
    _row("-img", "FILE:file", "SMV image whose header sets the geometry"),
    _row("-mask", "FILE:file", "SMV mask: zero pixels are skipped; its header sets the geometry"),
    _row("-floatfile -floatimage", "FILE:file", "float image to write"),
    _row("-intfile -intimage", "FILE:file", "SMV image to write"),
    _row("-scale", "factor:pos", "photons to SMV counts"),
    _row("-adc", "counts:num", "SMV offset"),
    _row("-pgmfile -pgmimage", "FILE:file", "PGM image to write"),
    _row("-pgmscale", "factor:pos", "photons to PGM grey"),
    _row("-nopgm", "", "write no PGM image"),
    _row("-noisefile -noiseimage", "FILE:file", "noisy SMV image to write"),
    _row("-nonoise", "", "write no noisy image"),
    _row("-seed", "n:count", "seed of the noise"),
    _row("-stol", "FILE:file", "sin(theta)/lambda and F of an amorphous material: checked, no effect"),
    _row("-4stol", "FILE:file", "as -stol, 4 sin(theta)/lambda"),
    _row("-Q", "FILE:file", "as -stol, 4 pi sin(theta)/lambda"),
    _row("-stolout", "FILE:file", "accepted, no effect"),
    _row("-density -sample_den", "x:num", "accepted, no effect"),
    _row("-MW -molec", "x:num", "accepted, no effect"),
    _row("-coherent", "", "accepted, no effect"),
    _row("-printout", "", "print every pixel's numbers"),
    _row("-printout_pixel", "fast:int slow:int", "print one pixel's numbers"),
    _row("-trace_pixel", "slow:int fast:int", "trace one pixel; may be repeated"),
    _row("-progress", "", "show progress"),
    _row("-noprogress", "", "show no progress"),
    _row("--mode", "name:c-parity|spec", "nanoBragg as it is, or as it was meant"),
    _row("--quirks", "list:quirks", "switch single quirks: +name,-name"),
    _row("--threads", "n:count", "threads"),
    _row("--trace-only", "", "trace, write no image"),
    _row("--trace-blocks", "", "trace every layer and subpixel, not only the first"),
    _row("--band", "first:int last:int", "rows to render, inclusive, as they are in the whole image"),
    _row(
        "--part",
        "of:domains|sources first:int last:int",
        "part of each pixel's sum: these domains or sources alone; -floatfile is float64",
    ),
    _row(
        "--photons",
        "FILE:file",
        "photons from this float image, nothing is rendered: write the other files of it",
    ),
    _row("--version", "", "version and commit"),
    _row("-help --help -h", "", "this list"),
)
# What only this engine takes.
TORCH_FLAGS: tuple[Flag, ...] = (
    _row("--dtype", "name:float64|float32", "precision of the lattice sum"),
    _row("--device", "name:word", "torch device"),
    _row("--compile", "when:auto|on|off", "kernels compiled ahead and kept on disk; auto: where it pays"),
    _row(
        "-o", "FILE:file", "image in the format of its name: .nxs .cbf .img .png .npy .expt; may be repeated"
    ),
    _row(
        "--pixels", "kind:float|rounded|counts|noise", "what -o writes: photons, or as -intfile, -noisefile"
    ),
    _row("--trace", "FILE:file", "write the trace here"),
    _row(
        "--expt",
        "FILE:file",
        "experiment from a file of DIALS, XDS, MOSFLM, CrystFEL; flags override",
    ),
)
