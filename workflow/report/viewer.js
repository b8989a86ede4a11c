// Two images and their difference under one view: drag, wheel, pinch, buttons or keys move all of them; the readout
// tells true values.
"use strict";
(() => {
  const box = document.getElementById("viewer");
  if (!box) return;
  const manifest = JSON.parse(document.getElementById("manifest").textContent);
  const [height, width] = manifest.shape;
  const canvases = [...box.querySelectorAll(".panels canvas")];
  const readout = box.querySelector("output.readout");
  const control = (name) => box.querySelector(`[name="${name}"]`);
  const view = { x: width / 2, y: height / 2, scale: 1 }; // image point in the middle; CSS pixels per image pixel
  let store, rasters = [], cursor = null, dirty = false, later = 0;

  const pair = () => [Number(control("first").value), Number(control("other").value)];
  const kind = () => ({ absolute: "difference" }[control("difference").value] || control("difference").value);
  // The pixel that differs most between the two images shown, in what is shown; null where all are equal.
  const largest = () => manifest.largest[`${Math.min(...pair())}-${Math.max(...pair())}`]?.[kind()] || null;
  const { number } = Readout;

  // --- painting ------------------------------------------------------------------------------------
  function scales() {
    const canvas = shown(), w = canvas.clientWidth / view.scale / 2, h = canvas.clientHeight / view.scale / 2;
    const area = control("scale").value === "view" ? [view.x - w, view.x + w, view.y - h, view.y + h] : null;
    const found = Scales.of(store, pair(), kind(), area), colours = Colours.map(manifest.maps, control("map").value);
    return { ...found, colours, light: Colours.intensity(found.range, colours), gap: Colours.difference(found.high) };
  }
  function repaint() {
    const s = scales(), [i, k] = pair(), first = store.exact[i], second = store.exact[k];
    const sources = [[(n) => first[n], s.light, store.overview?.values[i]], [(n) => second[n], s.light, store.overview?.values[k]],
      [(n) => s.f(first[n], second[n]), s.gap, store.overview && s.coarse]];
    rasters = sources.map(([exact, colour, coarse]) => ({
      overview: coarse && Colours.raster(typeof coarse === "function" ? coarse : (n) => coarse[n], 0, store.overview.width, store.overview.height, colour),
      tiles: store.tiles.map((t) => ({ ...t, canvas: Colours.raster(exact, t.offset, t.width, t.height, colour) })),
    }));
    const [low, high] = s.range;
    Colours.bar(box.querySelector("[data-bar=light]"), s.light, (t) => low * (high / low) ** t);
    Colours.bar(box.querySelector("[data-bar=gap]"), s.gap, (t) => (t < 0.5 ? -1 : 1) * (Math.abs(t - 0.5) < 0.005 ? 0 : s.high * 10 ** (-6 + 12 * Math.abs(t - 0.5))));
    const ends = (name, texts) => box.querySelectorAll(`[data-ends=${name}] span`).forEach((span, i) => { span.textContent = texts[i]; });
    ends("light", [`≤ ${number(low, 2)}`, "photons per pixel", number(high, 3)]);
    const unit = { difference: "photons per pixel", relative: "relative, dimensionless", steps: "float32 steps" }[s.kind];
    ends("gap", s.high ? [`−${number(s.high, 2)}`, unit, `+${number(s.high, 2)}`] : ["", largest() ? "not finite somewhere" : "no difference anywhere", ""]);
    for (const [n, k] of pair().entries()) box.querySelector(`[data-title='${n}']`).textContent = manifest.names[k];
    box.querySelector("[data-title='2']").textContent = `${manifest.names[k]} − ${manifest.names[i]}`;
    box.querySelector("[data-do=largest]").disabled = !largest();
    draw();
    box.dispatchEvent(new CustomEvent("repainted", { detail: { store, pair: pair(), ...s } }));
  }
  function draw() {
    if (dirty) return;
    dirty = true;
    requestAnimationFrame(() => { dirty = false; canvases.forEach(drawPanel); });
  }
  function drawPanel(canvas, panel) {
    const dpr = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w || !rasters.length) return;
    if (canvas.width !== Math.round(w * dpr)) canvas.width = Math.round(w * dpr);
    if (canvas.height !== Math.round(h * dpr)) canvas.height = Math.round(h * dpr);
    const context = canvas.getContext("2d"), s = view.scale * dpr;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(s, 0, 0, s, canvas.width / 2 - view.x * s, canvas.height / 2 - view.y * s);
    const { overview, tiles } = rasters[panel], f = store.factor;
    context.save();
    context.beginPath(); context.rect(0, 0, width, height); context.clip();
    context.imageSmoothingQuality = "high";
    context.imageSmoothingEnabled = s * f < 1;
    if (overview) context.drawImage(overview, 0, 0, overview.width * f, overview.height * f);
    context.imageSmoothingEnabled = s < 1;
    if (!overview || s * f >= 1) for (const t of tiles) context.drawImage(t.canvas, t.x0, t.y0);
    context.restore();
    if (manifest.geometry && control("rings").checked) Marks.rings(context, s, manifest);
    if (control("marks").checked) Marks.places(context, s, manifest.marks, largest());
    if (cursor) Marks.cross(context, s, cursor);
  }

  // --- the view --------------------------------------------------------------------------------------
  const shown = () => canvases.find((canvas) => canvas.clientWidth) || canvases[0];
  const fitScale = () => Math.min(shown().clientWidth / width, shown().clientHeight / height);
  function settle() {
    view.scale = Math.min(64, Math.max(fitScale() * 0.9, view.scale));
    view.x = Math.min(width, Math.max(0, view.x));
    view.y = Math.min(height, Math.max(0, view.y));
    draw();
    if (control("scale").value === "view") { clearTimeout(later); later = setTimeout(repaint, 120); }
  }
  function zoom(ratio, at = null) { // keeps the image point under `at` (CSS pixels from the middle) in place
    const dx = at?.x || 0, dy = at?.y || 0, before = view.scale;
    view.scale = Math.min(64, Math.max(fitScale() * 0.9, view.scale * ratio));
    view.x += dx / before - dx / view.scale; view.y += dy / before - dy / view.scale;
    settle();
  }
  function pan(dx, dy) { view.x -= dx / view.scale; view.y -= dy / view.scale; settle(); }
  function fit() { view.x = width / 2; view.y = height / 2; view.scale = fitScale(); settle(); }
  function look(x0, x1, y0, y1) {
    view.x = (x0 + x1 + 1) / 2; view.y = (y0 + y1 + 1) / 2;
    view.scale = 0.94 * Math.min(shown().clientWidth / (x1 - x0 + 1), shown().clientHeight / (y1 - y0 + 1));
    settle();
  }
  const goto = (slow, fast, half = 16) => { look(fast - half, fast + half, slow - half, slow + half); point(slow, fast); };

  // --- the readout -------------------------------------------------------------------------------------
  function point(slow, fast) {
    const found = store && Pixels.read(store, pair(), slow, fast);
    cursor = found ? { slow, fast } : null;
    if (found) readout.textContent = Readout.describe(manifest, pair(), slow, fast, found);
    draw();
  }
  const pixelAt = (event, canvas) => {
    const r = canvas.getBoundingClientRect();
    return { slow: Math.floor(view.y + (event.clientY - r.top - r.height / 2) / view.scale), fast: Math.floor(view.x + (event.clientX - r.left - r.width / 2) / view.scale) };
  };
  const fromMiddle = (x, y, canvas) => { const r = canvas.getBoundingClientRect(); return { x: x - r.left - r.width / 2, y: y - r.top - r.height / 2 }; };

  // --- hands -------------------------------------------------------------------------------------------
  for (const canvas of canvases) {
    let drag = null, pinch = null;
    canvas.addEventListener("pointerdown", (e) => { if (e.pointerType === "mouse" && e.button === 0) { drag = { x: e.clientX, y: e.clientY }; canvas.setPointerCapture(e.pointerId); canvas.focus({ preventScroll: true }); } });
    canvas.addEventListener("pointermove", (e) => {
      if (drag) { pan(e.clientX - drag.x, e.clientY - drag.y); drag = { x: e.clientX, y: e.clientY }; }
      if (e.pointerType === "mouse") { const p = pixelAt(e, canvas); point(p.slow, p.fast); }
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { drag = null; });
    canvas.addEventListener("click", (e) => { const p = pixelAt(e, canvas); point(p.slow, p.fast); });
    canvas.addEventListener("dblclick", (e) => zoom(2, fromMiddle(e.clientX, e.clientY, canvas)));
    // The wheel scrolls the page until the viewer has been clicked: a report is read by scrolling.
    canvas.addEventListener("wheel", (e) => {
      if (!(e.ctrlKey || e.metaKey || box.contains(document.activeElement))) return;
      e.preventDefault();
      zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0018)), fromMiddle(e.clientX, e.clientY, canvas));
    }, { passive: false });
    const spread = (t) => ({ d: Math.hypot(t[0].clientX - t[1].clientX, t[0].clientY - t[1].clientY), x: (t[0].clientX + t[1].clientX) / 2, y: (t[0].clientY + t[1].clientY) / 2 });
    canvas.addEventListener("touchmove", (e) => { // two fingers; one finger scrolls the page
      if (e.touches.length !== 2) return;
      e.preventDefault();
      const now = spread(e.touches);
      if (pinch) { pan(now.x - pinch.x, now.y - pinch.y); zoom(now.d / pinch.d, fromMiddle(now.x, now.y, canvas)); }
      pinch = now;
    }, { passive: false });
    canvas.addEventListener("touchend", () => { pinch = null; });
    canvas.addEventListener("keydown", (e) => {
      const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
      const step = 60;
      if (way && e.shiftKey) pan(-way[1] * step, -way[0] * step);
      else if (way) { const c = cursor || { slow: Math.floor(view.y), fast: Math.floor(view.x) }; point(Math.min(height - 1, Math.max(0, c.slow + way[0])), Math.min(width - 1, Math.max(0, c.fast + way[1]))); }
      else if (e.key === "+" || e.key === "=") zoom(1.5, keep());
      else if (e.key === "-") zoom(1 / 1.5, keep());
      else if (e.key === "0") fit();
      else return;
      e.preventDefault();
    });
  }
  const keep = () => cursor ? { x: (cursor.fast + 0.5 - view.x) * view.scale, y: (cursor.slow + 0.5 - view.y) * view.scale } : null;
  box.querySelector("[data-do=in]").addEventListener("click", () => zoom(1.5));
  box.querySelector("[data-do=out]").addEventListener("click", () => zoom(1 / 1.5));
  box.querySelector("[data-do=fit]").addEventListener("click", fit);
  box.querySelector("[data-do=largest]").addEventListener("click", () => { if (largest()) goto(...largest()); });
  control("place").addEventListener("input", (e) => {
    const [kind, ...numbers] = e.target.value.split(" ");
    if (kind === "frame") fit(); else if (kind === "box") look(...numbers.map(Number)); else goto(...numbers.map(Number));
  });
  for (const [name, against] of [["first", "other"], ["other", "first"]]) { // an image is not compared with itself: swap
    let before = control(name).value;
    control(name).addEventListener("input", () => { if (control(against).value === control(name).value) control(against).value = before; });
    box.addEventListener("repainted", () => { before = control(name).value; });
  }
  for (const name of ["first", "other", "map", "difference", "scale"]) control(name).addEventListener("input", () => { repaint(); if (cursor) point(cursor.slow, cursor.fast); });
  for (const name of ["marks", "rings"]) control(name)?.addEventListener("input", draw);
  addEventListener("themechange", repaint);
  control("show").addEventListener("input", (e) => { box.querySelector(".panels").dataset.show = e.target.value; settle(); });
  addEventListener("resize", settle);
  addEventListener("beforeprint", () => canvases.forEach(drawPanel));

  window.braggproof = { view, goto, fit, zoom, pan, largest, read: (slow, fast) => Pixels.read(store, pair(), slow, fast), ready: false };
  Pixels.load(manifest).then((loaded) => {
    store = loaded;
    fit();
    repaint();
    window.braggproof.ready = true;
  }).catch((error) => { readout.textContent = `The images could not be decoded: ${error.message}`; console.error(error); });
})();
