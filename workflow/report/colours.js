// Colour scales: photons to grey or viridis on a logarithmic scale, differences to orange - white - blue.
"use strict";
const Colours = (() => {
  const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137],
    [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37]];
  const LESS = [[247, 247, 247], [247, 214, 190], [240, 164, 120], [209, 101, 45], [140, 52, 12]];
  const MORE = [[247, 247, 247], [198, 219, 239], [125, 178, 219], [52, 121, 184], [12, 68, 130]];
  const NOT_FINITE = [255, 0, 200];
  const along = (stops, t) => {
    const x = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(x), stops.length - 2), f = x - i;
    return stops[i].map((v, k) => Math.round(v + f * (stops[i + 1][k] - v)));
  };
  const table = (paint) => Array.from({ length: 1025 }, (_, i) => paint(i / 1024));
  const GREY = table((t) => [1, 1, 1].map(() => Math.round(255 - 255 * t)));
  const VIR = table((t) => along(VIRIDIS, t)), MINUS = table((t) => along(LESS, t)), PLUS = table((t) => along(MORE, t));

  const intensity = ([low, high], map) => {
    const colours = map === "viridis" ? VIR : GREY, span = Math.log(high / low) || 1;
    return (v) => Number.isNaN(v) || !Number.isFinite(v) ? NOT_FINITE
      : colours[v <= low ? 0 : Math.min(1024, Math.round(1024 * Math.log(v / low) / span))];
  };
  // Zero is white; from `high` down to high / 1e6 the colour fades logarithmically.
  const difference = (high) => (v) => {
    if (!Number.isFinite(v)) return NOT_FINITE;
    if (v === 0 || !high) return LESS[0];
    const t = 0.12 + 0.88 * (1 + Math.log10(Math.abs(v) / high) / 6);
    return (v < 0 ? MINUS : PLUS)[Math.round(1024 * Math.min(1, Math.max(0.12, t)))];
  };

  function raster(values, offset, width, height, colour) {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d"), image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const [r, g, b] = colour(values(offset + i));
      image.data.set([r, g, b, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }
  function bar(canvas, colour, at) {
    canvas.width = 256; canvas.height = 1;
    const context = canvas.getContext("2d");
    for (let i = 0; i < 256; i++) { context.fillStyle = `rgb(${colour(at(i / 255)).join()})`; context.fillRect(i, 0, 1, 1); }
  }
  return { intensity, difference, raster, bar };
})();
