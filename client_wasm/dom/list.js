// The browser's side of list.cc. An entry's value: words (the template's number, the most entries, a length for each of
// its children's texts), then the texts.
mergeInto(LibraryManager.library, {
  tidings_dom_entry__deps: ['$domElements', '$domOperations', '$getString'],
  tidings_dom_entry: function () {
    return domOperations.push(function (element, at) {
      var word = at >> 2;
      var entry = domElements[HEAPU32[word]].content.firstElementChild.cloneNode(true);
      var children = Array.from(entry.children);
      at += 8 + 4 * children.length;
      children.forEach(function (child, i) {
        child.textContent = getString(at, HEAPU32[word + 2 + i]);
        at += HEAPU32[word + 2 + i];
      });
      element.prepend(entry);
      if (element.children.length > HEAPU32[word + 1]) element.lastElementChild.remove();
    }) - 1;
  },
});
