// Scenarios side by side: every number opens what is behind it, asked of the scenario it belongs to.
import { open } from "./behind.js";

const api = `/api/t/${document.getElementById("compare").dataset.desk}`;

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-ask]");
  if (button) open(api, button);
});
