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

async function make(kind) {
  job = (await begin(kind)).job;
  place("making").hidden = false;
  place("ready").textContent = "";
  try {
    for (;;) {
      const state = await ask(`/api/files/${job}`);
      place("share").value = state.share;
      if (state.error) throw new Error(state.error);
      if (state.ready) {
        location.assign(`/api/files/${job}/content`);
        return;
      }
      if (state.over) return;
      await pause(400);
    }
  } finally {
    place("making").hidden = true;
  }
}

document.addEventListener("click", (event) => {
  const kind = event.target.dataset?.file;
  if (kind) trying(() => make(kind));
  else if (event.target.id === "stop" && job) ask(`/api/files/${job}`, { method: "DELETE" });
});
