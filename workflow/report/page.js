// Theme, copy buttons, filters and the provenance of a number on hover: what every page shares.
"use strict";
(() => {
  const root = document.documentElement;
  const wanted = () => root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const recall = () => { try { return localStorage.getItem("braggproof-theme"); } catch { return null; } };
  const keep = (name) => { try { localStorage.setItem("braggproof-theme", name); } catch { /* files may not store */ } };
  const button = document.getElementById("theme");
  const show = () => {
    const next = wanted() === "dark" ? "light" : "dark";
    button.textContent = next === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Switch to the ${next} theme`);
  };
  if (recall()) root.dataset.theme = recall();
  button.addEventListener("click", () => {
    root.dataset.theme = wanted() === "dark" ? "light" : "dark";
    keep(root.dataset.theme);
    show();
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { show(); dispatchEvent(new Event("themechange")); });
  show();

  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* a page opened as a file may not */ }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  for (const item of document.querySelectorAll(".command button")) {
    item.addEventListener("click", async () => {
      const done = await copy(item.parentElement.querySelector("pre").textContent.trim());
      item.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { item.textContent = "Copy"; }, 1600);
    });
  }

  // A filter names its table and may have a word, a state and a "differences only" part.
  for (const form of document.querySelectorAll("form.filter")) {
    const rows = [...document.querySelectorAll(`${form.dataset.rows}`)];
    const note = form.querySelector("[data-count]");
    const apply = () => {
      const words = (form.elements.word?.value || "").toLowerCase().split(/\s+/).filter(Boolean);
      const state = form.elements.state?.value || "";
      const only = form.elements.differs?.checked;
      let shown = 0;
      for (const row of rows) {
        const text = row.dataset.text || row.textContent.toLowerCase();
        const fits = words.every((word) => text.includes(word)) && (!state || row.dataset.state === state)
          && (!only || row.dataset.differs === "yes");
        row.hidden = !fits;
        shown += fits;
      }
      if (note) note.textContent = `${shown} of ${rows.length}`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  document.addEventListener("pointerover", (event) => {
    const data = event.target.closest?.("data[data-src]");
    if (data && !data.title) data.title = `${data.value}\n${data.dataset.src}${data.dataset.how ? ` (${data.dataset.how})` : ""}`;
  });
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll("details[data-print]")) box.open = true;
  });
})();
