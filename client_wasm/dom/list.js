// The browser's side of list.cc. An entry's value: words (the template's number, the most entries, how many texts, the
// length of each), then the texts.
mergeInto(LibraryManager.library, {
  tidings_dom_entry__deps: ['$domElements', '$domOperations', '$getString'],
  tidings_dom_entry: function () {
    return domOperations.push(function (element, at) {
      var word = at >> 2;
      var entry = domElements[HEAPU32[word]].content.firstElementChild.cloneNode(true);
      var count = HEAPU32[word + 2];
      at += 12 + 4 * count;
      for (var i = 0; i < count && entry.children[i]; ++i) {
        entry.children[i].textContent = getString(at, HEAPU32[word + 3 + i]);
        at += HEAPU32[word + 3 + i];
      }
      element.prepend(entry);
      if (element.children.length > HEAPU32[word + 1]) element.lastElementChild.remove();
    }) - 1;
  },
});
