// A round of weighing: opened, watched, asked for its plans, closed.
import { ask, pause, post, trying } from "./ask.js";

const root = document.getElementById("voices");
const api = `/api/t/${root.dataset.desk}/voices`;
const place = (id) => document.getElementById(id);

place("begin")?.addEventListener("submit", (event) => {
  event.preventDefault();
  trying(async () => {
    await post(api, Object.fromEntries(new FormData(event.target)));
    location.reload();
  });
});

place("end")?.addEventListener("click", () => trying(async () => {
  await ask(api, { method: "DELETE" });
  location.reload();
}));

place("plans")?.addEventListener("click", () => trying(async () => {
  place("found").textContent = root.dataset.waiting;
  try {
    const found = await ask(`${api}/plans`);
    place("found").innerHTML = found.html;
    place("found").focus();
  } catch (error) {
    place("found").replaceChildren();
    throw error;
  }
}));

async function watch() {
  for (;;) {
    const found = await ask(api);
    if (!found.open) return;
    if (place("counts").innerHTML.trim() !== found.html.trim()) place("counts").innerHTML = found.html;
    await pause(3000);
  }
}

if (place("counts")) trying(watch);
