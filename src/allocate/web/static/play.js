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
      show(await post(`${api}/${path}`, body));
      await Promise.all([controls(), certain()]);
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
    const found = await ask(`${api}/ask/${question}?about=${encodeURIComponent(about)}`);
    place("reply").innerHTML = found.html;
  });
}

function set(control, value) {
  const { table, key, column } = control.dataset;
  return change("steps", { table, key, column, how: "set", value });
}

document.addEventListener("change", (event) => {
  const control = event.target.closest(".control");
  if (control) {
    const typed = event.target.type === "text";
    const share = control.dataset.kind === "share";
    const value = typed ? event.target.value : String(Number(Number(event.target.value).toPrecision(share ? 2 : 4)));
    set(control, value);
  } else if (event.target.id === "kind") trying(controls);
  else if (event.target.id === "base") change("base", { scenario_id: event.target.value });
});

document.addEventListener("input", (event) => {
  if (event.target.id === "filter") filter();
  if (event.target.type === "range") {
    const value = Number(Number(event.target.value).toPrecision(4));
    event.target.closest(".control").querySelector("output").textContent = value.toLocaleString(document.documentElement.lang);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { do: done, ask: question, why, least } = button.dataset;
  if (done) change(done);
  else if (question) reply(question);
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
