// What if: a change is sent, the preview is shown, then the certified plan takes its place.
import { ask, pause, post, trying } from "./ask.js";
import { open } from "./behind.js";

const root = document.getElementById("play");
const api = `/api/t/${root.dataset.desk}`;
const place = (id) => document.getElementById(id);
let version = Number(root.dataset.version);
// What is asked about the state that is shown; a change ends all of it.
let asking = new AbortController();
let reading = new AbortController();
let asked;
let typing;
let drawn;

// Where somebody is on the page, to be found again once it is drawn anew.
function whereabouts(held) {
  if (held.id) return `#${CSS.escape(held.id)}`;
  const named = ["do", "ask", "about", "base"].filter((name) => name in held.dataset);
  return named.map((name) => `[data-${name}="${CSS.escape(held.dataset[name])}"]`).join("");
}

function show(found) {
  version = found.version;
  const held = document.activeElement;
  for (const [id, html] of Object.entries(found.html)) {
    // The certified plan has the steps of its preview: what somebody is writing there is not to be lost.
    if (id === "steps" && drawn === html) continue;
    if (id === "steps") drawn = html;
    place(id).innerHTML = html;
  }
  if (!held.isConnected) {
    const same = whereabouts(held);
    const again = same && document.querySelector(`${same}:not(:disabled)`);
    (again || place("answer")).focus({ preventScroll: true });
  }
  if (found.plan === false && !found.html.figures) place("figures").replaceChildren();
  if (found.spoken) place("spoken").textContent = found.spoken;
}

// Where rules clash, it is told at once which, and what would help.
async function clash(signal) {
  const told = place("clash");
  if (!told || signal.aborted) return;
  told.textContent = root.dataset.waiting;
  const found = await ask(`${api}/conflicts`, { signal });
  if (!signal.aborted && !found.stale && told.isConnected) told.innerHTML = found.html;
}

async function certain(signal) {
  for (;;) {
    const found = await ask(`${api}/answer?version=${version}`, { signal });
    if (signal.aborted) return;
    if (!found.stale) return show(found);
    // Another tab has gone on.
    version = (await ask(`${api}/state`, { signal })).version;
    await pause(300);
  }
}

// What was answered before a change belongs to the state before it, and says so.
function outdate() {
  reading.abort();
  const told = place("reply");
  if (!told.firstElementChild) told.replaceChildren();
  else if (!told.querySelector("[data-again]")) {
    const note = document.createElement("p");
    note.className = "note";
    note.append(`${root.dataset.before} `, Object.assign(document.createElement("button"), { type: "button", textContent: root.dataset.again }));
    note.lastChild.dataset.again = "";
    told.prepend(note);
  }
}

async function change(path, body) {
  outdate();
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  place("answer").setAttribute("aria-busy", "true");
  await trying(async () => {
    try {
      // The change itself is always made; only its answer may be overtaken by that of a newer one.
      const found = await post(`${api}/${path}`, body);
      if (signal.aborted) return;
      if (!found.stale) show(found);
      await Promise.all([controls(signal), found.certain ? undefined : certain(signal)]);
    } finally {
      if (!signal.aborted) place("answer").removeAttribute("aria-busy");
    }
    await clash(signal);
  });
}

async function controls(signal) {
  const words = encodeURIComponent(place("filter").value.trim());
  const found = await ask(`${api}/controls?kind=${place("kind").value}&words=${words}`, { signal });
  if (signal.aborted) return;
  const focused = document.activeElement?.id;
  const scrolled = place("controls").scrollTop;
  place("controls").innerHTML = found.html;
  filter();
  if (focused) place(focused)?.focus();
  place("controls").scrollTop = scrolled;
}

function filter() {
  const words = place("filter").value.toLocaleLowerCase().split(/\s+/);
  for (const one of place("controls").querySelectorAll(".control")) {
    const text = one.textContent.toLocaleLowerCase();
    one.hidden = !words.every((word) => text.includes(word));
  }
}

// Between which values a plan exists is looked up for the slider that somebody turns to.
async function look(control) {
  const range = control.querySelector("[data-range]:not([data-looked])");
  if (!range) return;
  range.dataset.looked = "";
  const asked = `kind=${place("kind").value}&key=${encodeURIComponent(control.dataset.key)}`;
  const found = await ask(`${api}/range?${asked}`, { signal: asking.signal });
  if (found.stale || !range.isConnected) return;
  range.innerHTML = found.html;
  control.querySelector(":scope > .track").replaceWith(range.querySelector(".track"));
}

async function reply(question, about = "") {
  reading.abort();
  reading = new AbortController();
  asked = [question, about];
  const { signal } = reading;
  await trying(async () => {
    place("reply").textContent = root.dataset.waiting;
    place("reply").scrollIntoView({ block: "nearest" });
    try {
      const found = await ask(`${api}/ask/${question}?about=${encodeURIComponent(about)}`, { signal });
      if (signal.aborted || found.stale) return;
      place("reply").innerHTML = found.html;
      place("reply-head").scrollIntoView({ block: "start" });
      place("reply").focus({ preventScroll: true });
    } catch (error) {
      if (!signal.aborted) place("reply").replaceChildren();
      throw error;
    }
  });
}

// A number as the page writes it, as the tables hold it; anything else is sent as typed, and judged there.
function plain(text) {
  const german = document.documentElement.lang === "de";
  const grouped = german ? /^\d{1,3}(\.\d{3})*(,\d+)?$/ : /^\d{1,3}(,\d{3})*(\.\d+)?$/;
  const typed = text.trim();
  if (!grouped.test(typed)) return typed;
  return german ? typed.replaceAll(".", "").replace(",", ".") : typed.replaceAll(",", "");
}

// The number under the thumb, to as many digits as a hand can mean.
function slid(slider, kind) {
  return Number(Number(slider.value).toPrecision(kind === "share" ? 2 : 4));
}

function set(control, value, columns = control.dataset.columns) {
  const { table, key } = control.dataset;
  return change("steps", { steps: columns.split(" ").map((column) => ({ table, key, column, how: "set", value })) });
}

document.addEventListener("change", (event) => {
  const { target } = event;
  const control = target.closest(".control");
  if (control?.dataset.move) change("move", { offer_id: control.dataset.move, space_id: target.value });
  else if (control) {
    if (target.type === "range") set(control, String(slid(target, control.dataset.kind)));
    else set(control, target.type === "text" ? plain(target.value) : target.value);
  } else if (target.dataset.reason) trying(() => post(`${api}/reason`, { number: Number(target.dataset.reason), reason: target.value }));
  else if (target.id === "kind") trying(() => controls(asking.signal));
  else if (target.id === "base") change("base", { scenario_id: target.value });
});

document.addEventListener("input", (event) => {
  if (event.target.id === "filter") {
    filter();
    // Of many sliders only the first are here; the others are looked for once the hand rests.
    clearTimeout(typing);
    typing = setTimeout(() => trying(() => controls(asking.signal)), 250);
  }
  if (event.target.type === "range") {
    const control = event.target.closest(".control");
    const { kind } = control.dataset;
    const written = slid(event.target, kind).toLocaleString(document.documentElement.lang, kind === "share" ? { style: "percent" } : {});
    control.querySelector("output").textContent = written;
  }
});

document.addEventListener("focusin", (event) => {
  if (event.target.type === "range") look(event.target.closest(".control")).catch(() => {});
});

// Within the matrix the arrow keys move from cell to cell, so that Tab passes by it in one step.
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(".matrix td");
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (!cell || !(event.key in ways)) return;
  const [down, right] = ways[event.key];
  let row = cell.parentElement;
  let next = cell;
  do {
    if (down) row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
    next = down ? row?.cells[cell.cellIndex] : right > 0 ? next.nextElementSibling : next.previousElementSibling;
  } while (next && !next.querySelector("button"));
  event.preventDefault();
  const button = next?.querySelector("button");
  if (!button) return;
  cell.querySelector("button").tabIndex = -1;
  button.tabIndex = 0;
  button.focus();
});

// A point of the trade-off curve, in the picture or in its list: its figures stand beneath.
function point(number) {
  for (const one of place("reply").querySelectorAll("[data-point]")) one.hidden = one.dataset.point !== number;
  place("reply").querySelector(`[data-point="${number}"]`)?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#reply a[href^='#point-']");
  if (link) {
    event.preventDefault();
    point(link.getAttribute("href").slice("#point-".length));
    return;
  }
  // A number beside a name answers as the name does.
  const beside = event.target.closest("#answer td.n, #figures > div")?.closest("tr, #figures > div");
  const button = event.target.closest("button") ?? beside?.querySelector("[data-ask]");
  if (!button) return;
  if ("again" in button.dataset) {
    reply(...asked);
    return;
  }
  const { do: done, ask: question, repair, cell, value, about, base } = button.dataset;
  if (question && button.closest("#reply, #behind")) open(api, button, version);
  else if (repair) change("steps", JSON.parse(repair));
  else if (cell) set(button.closest(".control"), value, cell);
  else if (done) change(done);
  else if (base) change("base", { scenario_id: base });
  else if (question) reply(question, about);
  else if ("look" in button.dataset) trying(() => look(button.closest(".control")));
});

place("row").addEventListener("submit", (event) => {
  event.preventDefault();
  const row = Object.fromEntries(new FormData(event.target));
  const counts = ["set", "multiply", "add"].includes(row.how);
  change("steps", { ...row, value: counts ? plain(row.value) : row.value });
});

trying(async () => {
  const { signal } = asking;
  await Promise.all([controls(signal), certain(signal)]);
  await clash(signal);
});
