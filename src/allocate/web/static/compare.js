// Scenarios side by side: every number opens what is behind it, asked of the scenario it belongs to.
import { open } from "./behind.js";

const { desk, version } = document.getElementById("compare").dataset;

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-ask]");
  if (button) open(`/api/t/${desk}`, button, version);
});
