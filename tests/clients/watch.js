// In a page without a script of its own: tells each item that its list gets.
document.addEventListener("DOMContentLoaded", () => {
  const told = new WeakSet();
  const look = () => {
    for (const item of document.querySelectorAll("#list li")) {
      if (!told.has(item)) tell({ event: item.textContent });
      told.add(item);
    }
  };
  new MutationObserver(look).observe(document.getElementById("list"), { childList: true, subtree: true });
});
