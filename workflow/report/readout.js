// What is said of the pixel under the pointer.
"use strict";
const Readout = (() => {
  // As many digits as tell one float32 from the next; small and large ones with an exponent.
  const number = (value, digits = 9) => {
    if (!Number.isFinite(value)) return "not finite";
    const size = Math.abs(value), rounded = Number(value.toPrecision(digits));
    return size !== 0 && (size < 1e-3 || size >= 1e7) ? rounded.toExponential() : rounded.toString();
  };
  const resolution = ({ geometry }, slow, fast) => {
    if (!geometry) return "";
    const { d, angle } = Geometry.spacing(geometry, slow, fast);
    return `   d ${d < 1000 ? d.toPrecision(4) : "∞"} Å  2θ ${angle.toFixed(2)}°`;
  };
  function describe(manifest, pair, slow, fast, found) {
    const f = manifest.factor, [first, other] = pair.map((n) => manifest.names[n]);
    const where = `slow ${slow}  fast ${fast}${resolution(manifest, slow, fast)}   ` + (found.exact ? "float32, as in the file" :
      `down-sampled here: largest of the block of ${f} × ${f} pixels, to 3 digits`);
    const tell = (v) => found.exact ? number(v) : Number.isFinite(v) ? `≈ ${number(v, 3)}` : "not finite";
    const rough = (v) => found.exact ? number(v) : Number.isFinite(v) ? `≈ ${number(v, 2)}` : "not finite";
    const steps = Number.isFinite(found.ulp) ? `   ${found.exact ? found.ulp : rough(found.ulp)} float32 step${found.ulp === 1 ? "" : "s"}` : "";
    return `${where}\n${first} ${tell(found.c)}   ${other} ${tell(found.other)}   photons\n` +
      `difference ${rough(found.difference)} photons   relative ${rough(found.relative)}${steps}`;
  }
  return { number, describe };
})();
