// One way to ask the server: JSON in, JSON out, a sentence where it refuses, all in the language of the page.
export async function ask(address, options = {}) {
  const path = `${address}${address.includes("?") ? "&" : "?"}lang=${document.documentElement.lang}`;
  const lost = document.querySelector("[data-lost]").dataset.lost;
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(lost);
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new Error(lost);
  }
  if (!response.ok) throw new Error(body.error?.message ?? lost);
  return body;
}

export function post(path, body = {}) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

// Show what was refused, or take it away.
export function refuse(message) {
  const place = document.getElementById("refused");
  place.textContent = message ?? "";
  place.hidden = !message;
}

export async function trying(action) {
  refuse();
  try {
    await action();
  } catch (error) {
    refuse(error.message);
  }
}
