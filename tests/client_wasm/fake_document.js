// A document of elements `known` and `other`, a `list`, a `<template>` of an entry with two children and a `form` with one
// control. Animation frames and submissions come when the test says so.
mergeInto(LibraryManager.library, {
  $fakeDocument: {},

  fake_document_install__deps: ['$fakeDocument'],
  fake_document_install: function () {
    fakeDocument.errors = 0;
    fakeDocument.frames = fakeDocument.frames || [];
    fakeDocument.writes = 0;
    function element() {
      return {
        attributes: {},
        children: [],
        text: '',
        set textContent(text) {
          fakeDocument.writes++;
          this.text = text;
        },
        setAttribute: function (name, value) {
          fakeDocument.writes++;
          this.attributes[name] = value;
        },
        cloneNode: function () {
          var copy = element();
          copy.children = this.children.map(element);
          return copy;
        },
        prepend: function (child) {
          this.children.unshift(child);
          child.remove = function () {
            this.children.splice(this.children.indexOf(child), 1);
          }.bind(this);
        },
        get lastElementChild() {
          return this.children[this.children.length - 1];
        },
      };
    }
    var template = element();
    template.content = { firstElementChild: element() };
    template.content.firstElementChild.children = [element(), element()];
    var form = new EventTarget();
    form.elements = [
      {
        value: '',
        focused: 0,
        focus: function () {
          this.focused++;
        },
      },
    ];
    fakeDocument.elements = { known: element(), other: element(), list: element(), template: template, form: form };
    globalThis.document = {
      getElementById: function (id) {
        return fakeDocument.elements[id] || null;
      },
    };
    globalThis.requestAnimationFrame = function (callback) {
      fakeDocument.frames.push(callback);
    };
    console.error = function () {
      fakeDocument.errors++;
    };
  },

  // Paints: runs the callbacks asked for so far. Returns how many.
  fake_document_paint: function () {
    var frames = fakeDocument.frames;
    fakeDocument.frames = [];
    frames.forEach(function (frame) {
      frame();
    });
    return frames.length;
  },

  fake_document_writes: function () {
    return fakeDocument.writes;
  },
  fake_document_errors: function () {
    return fakeDocument.errors;
  },

  fake_document_has_text__deps: ['$getString'],
  fake_document_has_text: function (id, idLength, text, textLength) {
    return fakeDocument.elements[getString(id, idLength)].text === getString(text, textLength);
  },
  fake_document_has_attribute__deps: ['$getString'],
  fake_document_has_attribute: function (name, nameLength, value, valueLength) {
    return fakeDocument.elements.known.attributes[getString(name, nameLength)] === getString(value, valueLength);
  },
  // Whether the list's entries are these, as `text|text` each, one a line, from the top.
  fake_document_has_entries__deps: ['$getString'],
  fake_document_has_entries: function (entries, length) {
    var shown = fakeDocument.elements.list.children.map(function (entry) {
      return entry.children
        .map(function (child) {
          return child.text;
        })
        .join('|');
    });
    return shown.join('\n') === getString(entries, length);
  },

  // Types the text into the form's control and submits. Whether the form was kept from being sent.
  fake_document_submit__deps: ['$getString'],
  fake_document_submit: function (text, length) {
    var form = fakeDocument.elements.form;
    form.elements[0].value = getString(text, length);
    return !form.dispatchEvent(new Event('submit', { cancelable: true }));
  },
  fake_document_control_has__deps: ['$getString'],
  fake_document_control_has: function (text, length) {
    return fakeDocument.elements.form.elements[0].value === getString(text, length);
  },
  fake_document_focused: function () {
    return fakeDocument.elements.form.elements[0].focused;
  },
});
