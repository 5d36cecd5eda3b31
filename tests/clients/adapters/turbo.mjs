// Turbo's element for streams.
export const scripts = ["@hotwired/turbo/dist/turbo.es2017-umd.js"];

export const page = (stream) => `<turbo-stream-source src="${stream}"></turbo-stream-source><ul id="list"></ul>`;

export const publishes = {
  wrap: (text) => `<turbo-stream action="append" target="list"><template><li>${text}</li></template></turbo-stream>`,
};
