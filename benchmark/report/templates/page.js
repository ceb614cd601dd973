"use strict";
{
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  for (const tools of all(".tools, .controls")) tools.hidden = false;

  // Colours: as the system, light, dark. A page from the file system may have no storage.
  const themes = { "": "as the system", light: "light", dark: "dark" };
  const remember = (theme) => { try { localStorage.setItem("theme", theme); } catch {} };
  const remembered = () => { try { return localStorage.getItem("theme") ?? ""; } catch { return ""; } };
  const toggle = document.getElementById("theme");
  const paint = (theme) => {
    root.dataset.theme = theme in themes ? theme : "";
    toggle.textContent = `Colours: ${themes[root.dataset.theme]}`;
  };
  paint(remembered());
  toggle.addEventListener("click", () => {
    const names = Object.keys(themes);
    paint(names[(names.indexOf(root.dataset.theme) + 1) % names.length]);
    remember(root.dataset.theme);
  });

  // Contents are open beside the text and closed above it.
  const menu = document.getElementById("menu");
  const wide = matchMedia("(min-width: 68rem)");
  const unfoldMenu = () => { menu.open = wide.matches; };
  wide.addEventListener("change", unfoldMenu);
  unfoldMenu();

  const details = all("main details");
  const unfold = document.getElementById("unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") === "false";
    unfold.setAttribute("aria-pressed", String(open));
    unfold.textContent = open ? "Close all details" : "Open all details";
    for (const each of details) each.open = open;
  });
  addEventListener("beforeprint", () => { for (const each of details) each.open = true; });

  // What scrolls can be reached by keyboard.
  const reachable = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const each of all(".scroll")) reachable.observe(each);

  // A table is sorted by a column's head: first upwards, then downwards; what has no value is last.
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const key = (row, column) => {
    const { order: number, text } = row.cells[column].dataset;
    return number === undefined ? text : Number(number);
  };
  const compare = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : order(a, b);
    return typeof a === "number" ? -1 : 1;
  };
  const sort = (head) => {
    const upwards = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
    const empty = ([value]) => value === "–" || value === "";
    const known = rows.filter((pair) => !empty(pair));
    known.sort(([a], [b]) => (upwards ? compare(a, b) : compare(b, a)));
    body.append(...[...known, ...rows.filter(empty)].map(([, row]) => row));
  };
  for (const button of all("th button")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }

  // Rows stay if they hold every word that is searched for, and what is chosen in every list.
  for (const tools of all(".tools")) {
    const rows = all("tbody tr", tools.parentElement);
    const search = tools.querySelector("input");
    const choices = all("select", tools);
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !(
          words.every((word) => text.includes(word)) &&
          choices.every(({ value, dataset }) => !value || row.cells[dataset.column].dataset.text === value)
        );
        shown += !row.hidden;
      }
      tools.querySelector("output").textContent = `${shown} of ${rows.length} rows`;
    };
    tools.addEventListener("input", filter);
    tools.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  // A link may lead into closed details.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    target.scrollIntoView();
    if (!wide.matches) menu.open = false;
  };
  addEventListener("hashchange", reveal);
  reveal();
}
