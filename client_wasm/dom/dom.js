// The browser's side of dom.cc: finding elements, and the operations on them (frame.js).
mergeInto(LibraryManager.library, {
  tidings_dom_find__deps: ['$domElements', '$getString'],
  tidings_dom_find: function (number, id, idLength) {
    var name = getString(id, idLength);
    var element = document.getElementById(name);
    if (element) domElements[number] = element;
    else console.error('There is no element with the id ' + name + '.');
    return !!element;
  },

  tidings_dom_create__deps: ['$domElements', '$domOperations', '$getString'],
  tidings_dom_create: function () {
    return domOperations.push(function (element, at, nameLength, length, number) {
      domElements[number] = document.createElement(getString(at, length));
    }) - 1;
  },

  tidings_dom_forget__deps: ['$domElements', '$domOperations'],
  tidings_dom_forget: function () {
    return domOperations.push(function (element, at, nameLength, length, number) {
      delete domElements[number];
    }) - 1;
  },

  tidings_dom_text__deps: ['$domOperations', '$getString'],
  tidings_dom_text: function () {
    return domOperations.push(function (element, at, nameLength, length) {
      element.textContent = getString(at, length);
    }) - 1;
  },

  tidings_dom_attribute__deps: ['$domOperations', '$getString'],
  tidings_dom_attribute: function () {
    return domOperations.push(function (element, at, nameLength, length) {
      element.setAttribute(getString(at, nameLength), getString(at + nameLength, length));
    }) - 1;
  },

  tidings_dom_flag__deps: ['$domOperations', '$getString'],
  tidings_dom_flag: function () {
    return domOperations.push(function (element, at, nameLength, length) {
      element.toggleAttribute(getString(at, nameLength), !!length);
    }) - 1;
  },

  tidings_dom_data__deps: ['$domOperations', '$getString'],
  tidings_dom_data: function () {
    return domOperations.push(function (element, at, nameLength, length) {
      element.setAttribute('data-' + getString(at, nameLength), getString(at + nameLength, length));
    }) - 1;
  },

  tidings_dom_class__deps: ['$domOperations', '$getString'],
  tidings_dom_class: function () {
    return domOperations.push(function (element, at, nameLength, length) {
      element.classList.toggle(getString(at, nameLength), !!length);
    }) - 1;
  },

  tidings_dom_append__deps: ['$domElements', '$domOperations'],
  tidings_dom_append: function () {
    return domOperations.push(function (element, at) {
      element.appendChild(domElements[HEAPU32[at >> 2]]);
      while (element.children.length > HEAPU32[(at >> 2) + 1]) element.firstElementChild.remove();
    }) - 1;
  },

  tidings_dom_remove__deps: ['$domOperations'],
  tidings_dom_remove: function () {
    return domOperations.push(function (element) {
      element.remove();
    }) - 1;
  },
});
