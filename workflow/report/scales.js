// The scales of what is painted: over the whole frame, or over what is in view so that faint pixels show too.
"use strict";
const Scales = (() => {
  // Calls exact(i) and coarse(i) for every embedded pixel and every block of the overview inside the area.
  function visit(store, [x0, x1, y0, y1], exact, coarse) {
    for (const t of store.tiles) {
      const last = Math.min(t.x0 + t.width, x1);
      for (let y = Math.max(t.y0, Math.floor(y0)); y < Math.min(t.y0 + t.height, y1); y++) {
        for (let x = Math.max(t.x0, Math.floor(x0)); x < last; x++) exact(t.offset + (y - t.y0) * t.width + x - t.x0);
      }
    }
    const o = store.overview, f = store.factor;
    if (!o) return;
    for (let row = Math.max(0, Math.floor(y0 / f)); row < Math.min(o.height, y1 / f); row++) {
      for (let column = Math.max(0, Math.floor(x0 / f)); column < Math.min(o.width, x1 / f); column++) coarse(row * o.width + column);
    }
  }

  // {f, coarse, high, range}: the difference and its overview, its largest size, and the ends of the intensity scale.
  function of(store, pair, kind, area) {
    const f = Pixels.KINDS[kind], first = store.exact[pair[0]], second = store.exact[pair[1]];
    const o = store.overview, coarse = o && Pixels.coarse(store, pair, kind);
    const [height, width] = store.manifest.shape;
    let high = 0, low = Infinity, top = 0;
    const look = (value, gap) => {
      if (Number.isFinite(gap)) high = Math.max(high, Math.abs(gap));
      if (Number.isFinite(value) && value > 0) { low = Math.min(low, value); top = Math.max(top, value); }
    };
    visit(store, area || [0, width, 0, height], (i) => look(first[i], f(first[i], second[i])), (i) => look(o.values[pair[0]][i], coarse(i)));
    const range = area && top > 0 ? [Math.max(low, top * 1e-6), top] : store.manifest.range;
    return { f, coarse, high, range: range[0] < range[1] ? range : [range[1] / 10, range[1]], kind };
  }
  return { of };
})();
