"use strict";
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(text.replace("−", "-"));
    return text !== "" && Number.isFinite(number) ? number : text;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

  for (const table of document.querySelectorAll("table.sortable")) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const down = header.getAttribute("aria-sort") === "ascending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  for (const table of document.querySelectorAll("table.filtered")) {
    const box = table.closest(".scroll");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const shown = document.createElement("output");
    label.className = "filter";
    input.type = "search";
    input.placeholder = "type to filter";
    label.append("Filter ", input, shown);
    box.before(label);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
    });
  }

  const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const targets = [...links.keys()].map((id) => document.getElementById(id));
  const mark = () => {
    const passed = targets.filter((target) => target.getBoundingClientRect().top < 120);
    const current = passed.at(-1) ?? targets[0];
    for (const [id, link] of links) link.toggleAttribute("aria-current", id === current.id);
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  addEventListener("hashchange", () => {
    const hidden = document.getElementById(location.hash.slice(1))?.closest("details");
    if (hidden) hidden.open = true;
  });
})();
