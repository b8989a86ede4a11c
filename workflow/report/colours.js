// Colour scales: photons on a logarithmic one, differences from one hue through the page's own tone to another.
// The tone of the page is where nothing is: faint pixels and equal ones recede, in the light theme and in the dark.
"use strict";
const Colours = (() => {
  // Steps of equal lightness away from the page: CIE L* 97, 80.5, 64, 47.5, 31 on white, 10, 29, 48, 67, 86 on black.
  const LIGHT = { less: [[247, 247, 247], [226, 194, 170], [211, 138, 95], [185, 81, 26], [131, 44, 4]],
    more: [[247, 247, 247], [182, 202, 222], [107, 161, 201], [45, 116, 179], [23, 73, 135]], faint: [255, 255, 255] };
  const DARK = { less: [[28, 28, 28], [98, 59, 35], [167, 96, 52], [225, 144, 89], [251, 207, 176]],
    more: [[28, 28, 28], [33, 70, 108], [53, 117, 178], [112, 168, 219], [190, 219, 243]], faint: [0, 0, 0] };
  const NOT_FINITE = [255, 0, 200];
  const along = (stops, t) => {
    const x = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(x), stops.length - 2), f = x - i;
    return stops[i].map((v, k) => Math.round(v + f * (stops[i + 1][k] - v)));
  };
  const table = (stops) => Array.from({ length: 1025 }, (_, i) => along(stops, i / 1024));
  const dark = () => document.documentElement.dataset.theme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const stops = (hex) => hex.match(/.{6}/g).map((six) => [0, 2, 4].map((k) => parseInt(six.slice(k, k + 2), 16)));
  const kept = {};
  const map = (maps, name) => kept[name] ||= table(stops(maps[name]));

  // The maps run from dark to light; on a white page the bright end is the dark one.
  const intensity = ([low, high], colours) => {
    const span = Math.log(high / low) || 1, night = dark(), { faint } = night ? DARK : LIGHT;
    return (v) => {
      if (!Number.isFinite(v)) return NOT_FINITE;
      if (v <= low) return faint;
      const at = Math.min(1024, Math.round(1024 * Math.log(v / low) / span));
      return colours[night ? at : 1024 - at];
    };
  };
  // Zero is the page's tone; from `high` down to high / 1e6 the colour fades logarithmically.
  const difference = (high) => {
    const theme = dark() ? DARK : LIGHT, less = table(theme.less), more = table(theme.more);
    return (v) => {
      if (!Number.isFinite(v)) return NOT_FINITE;
      if (v === 0 || !high) return theme.less[0];
      const t = 0.12 + 0.88 * (1 + Math.log10(Math.abs(v) / high) / 6);
      return (v < 0 ? less : more)[Math.round(1024 * Math.min(1, Math.max(0.12, t)))];
    };
  };

  function raster(values, offset, width, height, colour) {
    const canvas = document.createElement("canvas");
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext("2d"), image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const [r, g, b] = colour(values(offset + i));
      image.data[4 * i] = r; image.data[4 * i + 1] = g; image.data[4 * i + 2] = b; image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }
  function bar(canvas, colour, at) {
    canvas.width = 256; canvas.height = 1;
    const context = canvas.getContext("2d");
    for (let i = 0; i < 256; i++) { context.fillStyle = `rgb(${colour(at(i / 255)).join()})`; context.fillRect(i, 0, 1, 1); }
  }
  return { intensity, difference, raster, bar, map, dark };
})();
