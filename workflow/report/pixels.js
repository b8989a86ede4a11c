// The embedded images: decoding, and the value of one pixel.
// Exact float32 words are stored in byte planes; images after the first as XOR with it (see evidence/report/viewer.py).
"use strict";
const Pixels = (() => {
  const bytes = async (id) => {
    const text = atob(document.getElementById(`blob-${id}`).textContent.trim());
    const packed = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const words = (planes, width) => { // byte planes back to little-endian words
    const count = planes.length / width;
    const out = new Uint8Array(planes.length);
    for (let k = 0; k < width; k++) for (let i = 0; i < count; i++) out[i * width + k] = planes[k * count + i];
    return out.buffer;
  };
  const CODES = 65533;

  async function load(manifest) {
    const first = new Uint32Array(words(await bytes(manifest.exact[0]), 4));
    const exact = [new Float32Array(first.buffer)];
    for (const id of manifest.exact.slice(1)) {
      const other = new Uint32Array(words(await bytes(id), 4));
      for (let i = 0; i < other.length; i++) other[i] ^= first[i];
      exact.push(new Float32Array(other.buffer));
    }
    let offset = 0;
    const tiles = manifest.tiles.map(([x0, x1, y0, y1]) => {
      const tile = { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1, offset };
      offset += tile.width * tile.height;
      return tile;
    });
    const overview = manifest.overview && await loadOverview(manifest.overview);
    return { manifest, exact, tiles, overview, factor: manifest.factor };
  }

  async function loadOverview(plan) {
    const codes = new Uint16Array(words(await bytes(plan.first), 2));
    const step = (plan.ends[1] - plan.ends[0]) / CODES;
    const value = (code) => code === 0 ? 0 : code > CODES + 1 ? NaN : Math.exp(plan.ends[0] + (code - 1) * step);
    const signed = (array, [low, high]) => Float64Array.from(array, (code) => code === 0 ? 0 : code === -128 ? NaN
      : Math.sign(code) * low * (high / low) ** ((Math.abs(code) - 1) / 126));
    const values = [Float64Array.from(codes, value)];
    const pairs = {}; // "0-1": the extremes of each block, of every kind of difference
    const keep = async (name, found) => {
      pairs[name] = {};
      for (const kind of Object.keys(KINDS)) pairs[name][kind] = signed(new Int8Array(await bytes(found[kind].blob)), found[kind].ends);
    };
    for (const [n, other] of plan.others.entries()) {
      const delta = new Uint16Array(words(await bytes(other.delta), 2));
      values.push(Float64Array.from(delta, (code, i) => value((code + codes[i]) & 0xffff)));
      await keep(`0-${n + 1}`, other);
    }
    for (const [name, found] of Object.entries(plan.pairs)) await keep(name, found);
    return { height: plan.shape[0], width: plan.shape[1], values, pairs };
  }

  // The largest differences of the blocks of an overview, image `other` less image `first`.
  const coarse = (store, [first, other], kind) => {
    const found = store.overview.pairs[`${Math.min(first, other)}-${Math.max(first, other)}`][kind];
    return first < other ? (i) => found[i] : (i) => -found[i];
  };

  const view = new DataView(new ArrayBuffer(4));
  const ordinal = (value) => { view.setFloat32(0, value); const bits = view.getInt32(0); return bits < 0 ? -(bits & 0x7fffffff) : bits; };
  const KINDS = {
    difference: (first, other) => other - first,
    relative: (first, other) => {
      const larger = Math.max(Math.abs(first), Math.abs(other));
      return larger > 0 ? (other - first) / larger : other - first;
    },
    steps: (first, other) => Number.isFinite(other - first) ? ordinal(other) - ordinal(first) : NaN,
  };

  // {exact, c, other, difference, relative, steps, ulp} of a pixel of two images, ulp the size of steps; from the
  // overview: the extremes of its block.
  function read(store, pair, slow, fast) {
    const found = look(store, pair, slow, fast);
    return found && { ...found, ulp: Math.abs(found.steps) };
  }
  function look(store, [first, other], slow, fast) {
    const [height, width] = store.manifest.shape;
    if (slow < 0 || fast < 0 || slow >= height || fast >= width) return null;
    for (const tile of store.tiles) {
      const y = slow - tile.y0, x = fast - tile.x0;
      if (y < 0 || x < 0 || y >= tile.height || x >= tile.width) continue;
      const at = tile.offset + y * tile.width + x;
      const c = store.exact[first][at], b = store.exact[other][at];
      return { exact: true, c, other: b, difference: KINDS.difference(c, b), relative: KINDS.relative(c, b), steps: KINDS.steps(c, b) };
    }
    const f = store.factor, at = Math.floor(slow / f) * store.overview.width + Math.floor(fast / f);
    const extreme = (kind) => coarse(store, [first, other], kind)(at);
    return {
      exact: false, c: store.overview.values[first][at], other: store.overview.values[other][at],
      difference: extreme("difference"), relative: extreme("relative"), steps: extreme("steps"),
    };
  }
  return { load, read, coarse, KINDS };
})();
