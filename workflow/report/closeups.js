// The brightest spots, each in the two images shown and as their difference, drawn from the exact pixels.
"use strict";
(() => {
  const box = document.getElementById("viewer");
  const spots = [...document.querySelectorAll(".spots li")];
  if (!box || !spots.length) return;
  const HALF = 12, SIDE = 2 * HALF + 1;
  box.addEventListener("repainted", ({ detail }) => {
    for (const spot of spots) {
      const [slow, fast] = spot.dataset.pixel.split(" ").map(Number);
      const found = Array.from({ length: SIDE * SIDE }, (_, i) =>
        Pixels.read(detail.store, detail.pair, slow - HALF + Math.floor(i / SIDE), fast - HALF + (i % SIDE)));
      // Each spot has its own scale, so that a faint one is seen as well as a bright one.
      const top = Math.max(...found.map((p) => p && Number.isFinite(p.c) ? p.c : 0)) || 1;
      const light = Colours.intensity([top / 3000, top], detail.colours);
      const blank = [128, 128, 128], paint = (colour, key) => (p) => p ? colour(p[key]) : blank;
      [paint(light, "c"), paint(light, "other"), paint(detail.gap, detail.kind)].forEach((colour, panel) => {
        const canvas = spot.querySelectorAll("canvas")[panel];
        canvas.width = canvas.height = SIDE;
        canvas.getContext("2d").drawImage(Colours.raster((i) => found[i], 0, SIDE, SIDE, colour), 0, 0);
      });
    }
  });
  for (const spot of spots) {
    spot.querySelector("button").addEventListener("click", () => {
      window.braggproof.goto(...spot.dataset.pixel.split(" ").map(Number));
      box.scrollIntoView({ block: "start" });
      box.querySelector("canvas").focus({ preventScroll: true });
    });
  }
})();
