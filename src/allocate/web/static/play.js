// What if: a change is sent, the preview is shown, then the certified plan takes its place.
import { ask, post, trying } from "./ask.js";

const root = document.getElementById("play");
const api = `/api/t/${root.dataset.desk}`;
const place = (id) => document.getElementById(id);
let version = Number(root.dataset.version);

function show(found) {
  if (found.stale) return;
  version = found.version;
  for (const [id, html] of Object.entries(found.html)) place(id).innerHTML = html;
  if (!found.plan) place("figures").replaceChildren();
  if (found.spoken) place("spoken").textContent = found.spoken;
}

async function certain() {
  const asked = version;
  const found = await ask(`${api}/answer?version=${asked}`);
  if (asked === version) show(found);
}

async function change(path, body) {
  await trying(async () => {
    place("answer").setAttribute("aria-busy", "true");
    try {
      const found = await post(`${api}/${path}`, body);
      show(found);
      // That there is no plan is certain already; a second answer would wipe out what is being read about it.
      await Promise.all([controls(), found.plan ? certain() : undefined]);
    } finally {
      place("answer").removeAttribute("aria-busy");
    }
  });
}

async function controls() {
  const found = await ask(`${api}/controls?kind=${place("kind").value}`);
  const focused = document.activeElement?.id;
  place("controls").innerHTML = found.html;
  filter();
  if (focused) place(focused)?.focus();
}

function filter() {
  const words = place("filter").value.toLocaleLowerCase().split(/\s+/);
  for (const one of place("controls").children) {
    const text = one.textContent.toLocaleLowerCase();
    one.hidden = !words.every((word) => text.includes(word));
  }
}

async function reply(question, about = "") {
  await trying(async () => {
    place("reply").textContent = root.dataset.waiting;
    place("reply").scrollIntoView({ block: "nearest" });
    const found = await ask(`${api}/ask/${question}?about=${encodeURIComponent(about)}`);
    place("reply").innerHTML = found.html;
    place("reply").scrollIntoView({ block: "start" });
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

function set(control, value, column = control.dataset.column) {
  const { table, key } = control.dataset;
  return change("steps", { table, key, column, how: "set", value });
}

document.addEventListener("change", (event) => {
  const { target } = event;
  const control = target.closest(".control");
  if (control) {
    const share = control.dataset.kind === "share";
    if (target.type === "range") set(control, String(Number(Number(target.value).toPrecision(share ? 2 : 4))));
    else set(control, target.type === "text" ? plain(target.value) : target.value);
  } else if (target.dataset.reason) trying(() => post(`${api}/reason`, { number: Number(target.dataset.reason), reason: target.value }));
  else if (target.id === "kind") trying(controls);
  else if (target.id === "base") change("base", { scenario_id: target.value });
});

document.addEventListener("input", (event) => {
  if (event.target.id === "filter") filter();
  if (event.target.type === "range") {
    const control = event.target.closest(".control");
    const share = control.dataset.kind === "share";
    const value = Number(Number(event.target.value).toPrecision(share ? 2 : 4));
    control.querySelector("output").textContent = value.toLocaleString(document.documentElement.lang, share ? { style: "percent" } : {});
  }
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
  const button = event.target.closest("button");
  if (!button) return;
  const { do: done, ask: question, why, least, repair, cell, value, about } = button.dataset;
  if (repair) change("steps", JSON.parse(repair));
  else if (cell) set(button.closest(".control"), value, cell);
  else if (done) change(done);
  else if (question) reply(question, about);
  else if (why) reply("offer", why);
  else if (least) trying(async () => {
    const found = await ask(`${api}/least?pot=${encodeURIComponent(least)}`);
    button.replaceWith(found.text);
  });
  else if ("clash" in button.dataset) trying(async () => {
    place("clash").textContent = root.dataset.waiting;
    place("clash").innerHTML = (await ask(`${api}/conflicts`)).html;
  });
});

place("row").addEventListener("submit", (event) => {
  event.preventDefault();
  change("steps", Object.fromEntries(new FormData(event.target)));
});

trying(async () => {
  const found = await ask(`${api}/answer?version=${version}`);
  if (found.stale) version = (await ask(`${api}/state`)).version;
  await Promise.all([controls(), found.stale ? certain() : show(found)]);
});
