// Resolution on a flat detector: the d-spacing of a pixel, and where a ring of one d crosses the panel.
"use strict";
const Geometry = (() => {
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const add = (...terms) => [0, 1, 2].map((k) => terms.reduce((sum, [x, v]) => sum + x * v[k], 0));
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const unit = (v) => add([1 / Math.hypot(...v), v]);

  // {d, angle} of a pixel: angstrom, and 2 theta in degrees; wavelength = d |diffracted - beam| = 2 d sin(theta).
  function spacing(g, slow, fast) {
    const place = add([1, g.origin_mm], [g.pixel_mm * (fast + 0.5), g.fast], [g.pixel_mm * (slow + 0.5), g.slow]);
    const away = Math.hypot(...add([1, unit(place)], [-1, g.beam]));
    return { d: g.wavelength_A / away, angle: 360 / Math.PI * Math.asin(Math.min(1, away / 2)) };
  }

  // Points [fast, slow] in pixels where the cone of this d meets the panel; null where a ray goes past it.
  function ring(g, d, count = 240) {
    const sine = g.wavelength_A / (2 * d);
    if (sine >= 1) return [];
    const angle = 2 * Math.asin(sine), normal = cross(g.fast, g.slow);
    const across = unit(cross(g.beam, Math.abs(g.beam[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0])), up = cross(g.beam, across);
    return Array.from({ length: count + 1 }, (_, i) => {
      const turn = 2 * Math.PI * i / count;
      const ray = add([Math.cos(angle), g.beam], [Math.sin(angle) * Math.cos(turn), across], [Math.sin(angle) * Math.sin(turn), up]);
      const far = dot(g.origin_mm, normal) / dot(ray, normal);
      if (!(far > 0)) return null;
      const from = add([far, ray], [-1, g.origin_mm]);
      return [dot(from, g.fast) / g.pixel_mm - 0.5, dot(from, g.slow) / g.pixel_mm - 0.5];
    });
  }
  return { spacing, ring };
})();
