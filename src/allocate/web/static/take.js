// Saving a scenario, and files that are made in the background.
import { ask, pause, post, trying } from "./ask.js";

const root = document.getElementById("take");
const api = `/api/t/${root.dataset.desk}`;
const place = (id) => document.getElementById(id);
let job;

place("save")?.addEventListener("submit", (event) => {
  event.preventDefault();
  trying(async () => {
    const found = await post(`${api}/save`, Object.fromEntries(new FormData(event.target)));
    place("saved").textContent = found.text;
    place("home").hidden = false;
    event.target.querySelector("button").disabled = true;
  });
});

// The council paper goes on the town's own letterhead, where somebody has chosen one.
function begin(kind) {
  const own = place("letterhead").files[0];
  if (kind !== "paper" || !own) return post(`${api}/files/${kind}`);
  const body = new FormData();
  body.append("letterhead", own);
  return ask(`${api}/files/${kind}`, { method: "POST", body });
}

// A page that is shared in a network without encryption has no clipboard of its own; what is chosen can still be copied.
async function copy() {
  if (navigator.clipboard) await navigator.clipboard.writeText(place("rows").value);
  else {
    place("rows").select();
    document.execCommand("copy");
  }
  place("copied").textContent = root.dataset.copied;
}

async function make(kind) {
  // One file after the other, so that the button that stops stops the one that is shown.
  const buttons = document.querySelectorAll("[data-file]");
  for (const one of buttons) one.disabled = true;
  place("ready").textContent = "";
  try {
    job = (await begin(kind)).job;
    place("share").value = 0;
    place("making").hidden = false;
    for (;;) {
      const state = await ask(`/api/files/${job}`);
      place("share").value = state.share;
      if (state.error) throw new Error(state.error);
      if (state.ready) {
        location.assign(`/api/files/${job}/content`);
        place("ready").textContent = root.dataset.ready;
        return;
      }
      if (state.over) {
        place("ready").textContent = root.dataset.stopped;
        return;
      }
      await pause(400);
    }
  } finally {
    place("making").hidden = true;
    for (const one of buttons) one.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const kind = event.target.dataset?.file;
  if (kind) trying(() => make(kind));
  else if (event.target.id === "stop" && job) trying(() => ask(`/api/files/${job}`, { method: "DELETE" }));
  else if (event.target.id === "copy") trying(copy);
});
