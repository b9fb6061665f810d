// What is behind a number: its reason and its cells, in a window above the page, which stays as it was.
import { ask } from "./ask.js";

const place = (id) => document.getElementById(id);
// What was open before, to go back to.
let earlier = [];
let asking = new AbortController();

// Open the question of a number; within the window the next one takes the place of the last, and leads back to it.
export async function open(api, button, version) {
  const window = place("behind");
  const { ask: question, about = "", of = "", with: own } = button.dataset;
  const side = own ?? (window.open ? window.dataset.with : "") ?? "";
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  if (window.open) earlier.push({ head: place("behind-head").textContent, nodes: [...place("behind-told").childNodes], button });
  else {
    earlier = [];
    window.dataset.with = side;
    window.showModal();
  }
  window.querySelector("[data-back]").hidden = earlier.length === 0;
  place("behind-head").textContent = (button.querySelector(".hidden") ?? button).textContent.trim();
  place("behind-told").textContent = window.dataset.waiting;
  place("behind-head").focus();
  const given = new URLSearchParams({ about, of, with: side, version });
  try {
    const found = await ask(`${api}/ask/${question}?${given}`, { signal });
    if (!signal.aborted) place("behind-told").innerHTML = found.stale ? window.dataset.stale : found.html;
  } catch (error) {
    if (!signal.aborted) place("behind-told").textContent = error.message;
  }
}

function back() {
  const last = earlier.pop();
  asking.abort();
  place("behind-head").textContent = last.head;
  place("behind-told").replaceChildren(...last.nodes);
  place("behind").querySelector("[data-back]").hidden = earlier.length === 0;
  last.button.focus();
}

place("behind").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && "close" in button.dataset) place("behind").close();
  else if (button && "back" in button.dataset) back();
});
place("behind").addEventListener("close", () => asking.abort());
