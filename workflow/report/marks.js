// What is drawn over the images: places to look at, rings of resolution, the marked pixel.
// `s` is canvas pixels an image pixel; widths are in CSS pixels whatever the zoom.
"use strict";
const Marks = (() => {
  const dpr = () => devicePixelRatio || 1;
  const LIGHT = { seam: "rgba(255,255,255,0.75)", roi: "#1a6fb5", spot: "#b8561a", traced: "#127a3c", largest: "#b0148c", ring: "#5c6670", paper: "rgba(255,255,255,0.85)", ink: "#2b3238" };
  const DARK = { seam: "rgba(0,0,0,0.7)", roi: "#7fbdec", spot: "#f0a478", traced: "#74cf97", largest: "#ff8ae0", ring: "#9aa5af", paper: "rgba(20,23,26,0.85)", ink: "#e7e9ea" };
  const tones = () => Colours.dark() ? DARK : LIGHT;
  // Each line on a seam of the page's tone, so that it is seen on any colour.
  function stroke(context, s, name, width, path) {
    for (const [tone, extra] of [[tones().seam, 1.6], [tones()[name] || name, 0]]) {
      context.strokeStyle = tone;
      context.lineWidth = (width + extra) * dpr() / s;
      context.beginPath();
      path();
      context.stroke();
    }
  }
  const box = (context, x, y, r) => context.rect(x - r, y - r, 2 * r, 2 * r);

  function places(context, s, { roi, spots, traced }, largest) {
    const px = dpr() / s;
    stroke(context, s, "roi", 1.4, () => context.rect(roi[0], roi[2], roi[1] - roi[0] + 1, roi[3] - roi[2] + 1));
    stroke(context, s, "spot", 1.4, () => spots.forEach(([slow, fast]) => {
      const r = Math.max(4, 7 * px);
      context.moveTo(fast + 0.5 + r, slow + 0.5);
      context.arc(fast + 0.5, slow + 0.5, r, 0, 7);
    }));
    stroke(context, s, "traced", 1.4, () => traced.forEach(([slow, fast]) => box(context, fast + 0.5, slow + 0.5, Math.max(0.5, 4 * px))));
    if (largest) stroke(context, s, "largest", 2, () => { // a diamond about the pixel that differs most
      const x = largest[1] + 0.5, y = largest[0] + 0.5, r = Math.max(1.2, 9 * px);
      context.moveTo(x, y - r); context.lineTo(x + r, y); context.lineTo(x, y + r); context.lineTo(x - r, y); context.closePath();
    });
  }

  function rings(context, s, { geometry: g, shape: [height, width] }) {
    const px = dpr() / s;
    context.save();
    context.beginPath(); context.rect(0, 0, width, height); context.clip();
    for (const d of g.rings) {
      const points = Geometry.ring(g, d);
      stroke(context, s, "ring", 0.9, () => {
        let down = false;
        for (const p of points) {
          if (p) { if (down) context.lineTo(p[0] + 0.5, p[1] + 0.5); else context.moveTo(p[0] + 0.5, p[1] + 0.5); }
          down = Boolean(p);
        }
      });
      label(context, px, `${d} Å`, points.filter((p) => p && p[0] > 0 && p[1] > 0 && p[0] < width && p[1] < height));
    }
    context.restore();
    if (!g.centre) return;
    const [y, x] = g.centre.map((n) => n + 0.5), r = Math.max(1, 7 * px);
    stroke(context, s, "ring", 1.6, () => { // an x where the direct beam meets the panel
      context.moveTo(x - r, y - r); context.lineTo(x + r, y + r); context.moveTo(x - r, y + r); context.lineTo(x + r, y - r);
    });
  }
  // At the point of the ring nearest to the diagonal below the middle of what is shown.
  function label(context, px, text, points) {
    const inverse = context.getTransform().inverse(), { width, height } = context.canvas;
    const goal = inverse.transformPoint({ x: width * 0.8, y: height * 0.75 }), corner = [inverse.transformPoint({ x: 0, y: 0 }), inverse.transformPoint({ x: width, y: height })];
    const seen = points.filter((p) => p[0] > corner[0].x && p[1] > corner[0].y && p[0] < corner[1].x - 40 * px && p[1] < corner[1].y - 6 * px && p[1] > corner[0].y + 14 * px);
    const at = seen.sort((a, b) => Math.hypot(a[0] - goal.x, a[1] - goal.y) - Math.hypot(b[0] - goal.x, b[1] - goal.y))[0];
    if (!at) return;
    context.font = `${12 * px}px system-ui, sans-serif`;
    const wide = context.measureText(text).width;
    context.fillStyle = tones().paper;
    context.fillRect(at[0] - 2 * px, at[1] - 12 * px, wide + 4 * px, 15 * px);
    context.fillStyle = tones().ink;
    context.fillText(text, at[0], at[1]);
  }

  function cross(context, s, cursor) { // leaves its pixel free
    const px = dpr() / s, x = cursor.fast + 0.5, y = cursor.slow + 0.5, near = Math.max(0.8, 5 * px), far = near + 9 * px;
    stroke(context, s, "#d0342c", 1.5, () => {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { context.moveTo(x + dx * near, y + dy * near); context.lineTo(x + dx * far, y + dy * far); }
    });
  }
  return { places, rings, cross };
})();
