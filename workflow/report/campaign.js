// The matrix of a campaign: filters, colours, and what a square stands for.
(() => {
  const data = JSON.parse(document.getElementById("cases").textContent);
  const words = { p: "pass", f: "fail", b: "blocked", a: "not asked" };
  const bands = document.getElementById("bands");
  const told = document.getElementById("told");
  const squares = [];
  // Differences from 1e-16 (or none) to 1 of the brightest pixel, by decades.
  const heat = (d) => (d ? Math.min(1, Math.max(0.06, (Math.log10(d) + 16) / 16)) : 0);
  data.engines.forEach((engine, e) => {
    const title = document.createElement("h3");
    title.textContent = engine;
    const band = document.createElement("div");
    band.className = "band";
    band.dataset.colour = "verdict";
    data.cases.forEach((one, n) => {
      const square = document.createElement("i");
      square.className = one.v[e] + (one.k[e] === "f" ? " k" : "") + (one.d[e] === null ? " none" : "");
      square.style.setProperty("--h", heat(one.d[e]));
      square.dataset.n = n;
      square.dataset.e = e;
      band.append(square);
      squares.push([one, square]);
    });
    bands.append(title, band);
  });
  bands.addEventListener("pointerover", (event) => {
    const { n, e } = event.target.dataset;
    if (n === undefined) return;
    const one = data.cases[n];
    const far = one.d[e] === null ? "" : `, largest difference ${one.d[e]} of the brightest pixel`;
    told.textContent = `${one.n}, ${data.engines[e]}: ${words[one.v[e]]}${far}\n${one.r[e]}\n${one.a}`;
  });
  const find = document.getElementById("find");
  const only = document.getElementById("only");
  const axes = [...document.querySelectorAll("select[data-axis]")];
  const wanted = (one) => {
    if (find.value && !`${one.n} ${one.a}`.includes(find.value)) return false;
    if (only.value === "k" && !one.k.includes("f")) return false;
    if (only.value === "black" && !one.b) return false;
    if ((only.value === "f" || only.value === "b") && !one.v.includes(only.value)) return false;
    return axes.every((axis) => !axis.value || one.x[axis.dataset.axis] === axis.value);
  };
  const show = () => {
    const kept = new Set(data.cases.filter(wanted));
    squares.forEach(([one, square]) => { square.hidden = !kept.has(one); });
    const failed = [...kept].filter((one) => one.v.includes("f")).length;
    document.getElementById("counted").textContent = `${kept.size} of ${data.cases.length} cases shown, ${failed} of them fail.`;
  };
  document.getElementById("filters").addEventListener("input", show);
  document.querySelectorAll("button[data-colour]").forEach((button) => {
    button.addEventListener("click", () => {
      document.querySelectorAll("button[data-colour]").forEach((each) => { each.setAttribute("aria-pressed", String(each === button)); });
      document.querySelectorAll(".band").forEach((band) => { band.dataset.colour = button.dataset.colour; });
    });
  });
  show();
})();
