// Beside each of the pages, before its own script: globalThis.benchSeen resolves to milliseconds since the navigation began:
// when the stream was open, when the first event is in its element, and when the last one is, of as many as the URL's
// fragment says.
{
  const events = Number(location.hash.slice(1));
  let openAt, firstAt;
  globalThis.EventSource = class extends EventSource {
    constructor(...args) {
      super(...args);
      this.addEventListener("open", () => (openAt ??= performance.now()));
    }
  };
  globalThis.benchSeen = new Promise((resolve) => {
    new MutationObserver(() => {
      const count = Number(document.getElementById("count")?.textContent);
      if (count > 0) firstAt ??= performance.now();
      if (count === events) resolve({ openAt, firstAt, lastAt: performance.now() });
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}
