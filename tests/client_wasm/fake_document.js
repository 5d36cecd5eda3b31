// A document of two elements, `known` and `other`, and animation frames that come when the test says so.
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
        set textContent(text) {
          fakeDocument.writes++;
          this.text = text;
        },
        setAttribute: function (name, value) {
          fakeDocument.writes++;
          this.attributes[name] = value;
        },
      };
    }
    fakeDocument.elements = { known: element(), other: element() };
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
});
