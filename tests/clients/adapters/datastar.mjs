// Datastar, which takes events of its own types and makes requests by fetch.
export const scripts = ["@starfederation/datastar/dist/datastar.js"];
export const areModules = true;

export const page = (stream) => `<div data-on-load="@get('${stream}', { openWhenHidden: true })"></div><ul id="list"></ul>`;

export const publishes = {
  type: "datastar-merge-fragments",
  wrap: (text) => `selector #list\nmergeMode append\nfragments <li>${text}</li>`,
};
