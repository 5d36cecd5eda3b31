// htmx 2 with its extension sse, in a page without a line of script.
export const scripts = ["htmx-2/dist/htmx.js", "htmx-ext-sse/sse.js"];

export const page = (stream) =>
  `<ul id="list" hx-ext="sse" sse-connect="${stream}" sse-swap="message" hx-swap="beforeend"></ul>`;

export const publishes = { wrap: (text) => `<li>${text}</li>` };
