// htmx 4 with its extension hx-sse. Streams of other origins have to be allowed by its configuration.
export const scripts = ["htmx.org/dist/htmx.js", "htmx.org/dist/ext/hx-sse.js"];

export const page = (stream) =>
  `<ul id="list" hx-sse:connect="${stream}" hx-swap="beforeend"></ul>`;

export const head = `<meta name="htmx-config" content='{"mode": "cors"}'>`;

export const publishes = { wrap: (text) => `<li>${text}</li>` };
