// One way to ask the server: JSON in, JSON out, a sentence where it refuses, all in the language of the page.
export async function ask(address, options = {}) {
  const path = `${address}${address.includes("?") ? "&" : "?"}lang=${document.documentElement.lang}`;
  const lost = document.querySelector("[data-lost]").dataset.lost;
  let response;
  let body;
  try {
    response = await fetch(path, options);
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(lost);
  }
  if (!response.ok) throw new Error(body.error?.message ?? lost);
  return body;
}

export function post(path, body = {}) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Show what was refused, or take it away.
export function refuse(message) {
  const place = document.getElementById("refused");
  place.textContent = message ?? "";
  place.hidden = !message;
}

// What was replaced by a newer question is no mistake of anybody.
export async function trying(action) {
  refuse();
  try {
    await action();
  } catch (error) {
    if (error.name !== "AbortError") refuse(error.message);
  }
}
