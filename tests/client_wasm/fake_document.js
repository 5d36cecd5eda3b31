// A document of elements `known` and `other`, a `list`, a `<template>` of an entry with two children, a `form` with one
// control, a `box` to type into and a `canvas`. Animation frames and what the user does come when the test says so.
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
          this.children = [];
        },
        setAttribute: function (name, value) {
          fakeDocument.writes++;
          this.attributes[name] = value;
        },
        toggleAttribute: function (name, isSet) {
          if (isSet) this.setAttribute(name, '');
          else delete this.attributes[name];
        },
        classList: {
          names: new Set(),
          toggle: function (name, isSet) {
            if (/ /.test(name)) throw new Error('A class has no blanks in its name.');
            if (isSet) this.names.add(name);
            else this.names.delete(name);
          },
        },
        cloneNode: function () {
          var copy = element();
          copy.children = this.children.map(element);
          return copy;
        },
        prepend: function (child) {
          this.children.unshift(child);
          child.parent = this;
        },
        appendChild: function (child) {
          this.children.push(child);
          child.parent = this;
        },
        remove: function () {
          this.parent.children.splice(this.parent.children.indexOf(this), 1);
        },
        get firstElementChild() {
          return this.children[0];
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
    var box = new EventTarget();
    box.value = '';
    var canvas = element();
    canvas.clientWidth = canvas.clientHeight = 100;
    canvas.lines = [];
    canvas.getContext = function () {
      return {
        beginPath: function () {},
        moveTo: function (x, y) {
          this.from = [x, y];
        },
        lineTo: function (x, y) {
          this.to = this.to || [x, y];
        },
        stroke: function () {
          canvas.lines.push(this.from.concat(this.to).map(Math.round).join(','));
        },
        fill: function () {
          this.to = undefined;
        },
        arc: function () {},
      };
    };
    globalThis.ResizeObserver = function (callback) {
      this.observe = function (element) {
        element.resized = callback;
      };
    };
    globalThis.devicePixelRatio = 1;
    globalThis.matchMedia = function () {
      return {};
    };
    globalThis.getComputedStyle = function () {
      return { color: 'black' };
    };
    fakeDocument.created = 0;
    fakeDocument.elements = {
      known: element(),
      other: element(),
      list: element(),
      template: template,
      form: form,
      box: box,
      canvas: canvas,
    };
    globalThis.document = {
      getElementById: function (id) {
        return fakeDocument.elements[id] || null;
      },
      createElement: function (tag) {
        var made = element();
        made.tag = tag;
        fakeDocument.created++;
        return made;
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
  fake_document_attribute_count: function () {
    return Object.keys(fakeDocument.elements.known.attributes).length;
  },
  fake_document_has_class__deps: ['$getString'],
  fake_document_has_class: function (name, nameLength) {
    return fakeDocument.elements.known.classList.names.has(getString(name, nameLength));
  },

  fake_document_created: function () {
    return fakeDocument.created;
  },
  // How many elements C++ has a hold on.
  fake_document_held__deps: ['$domElements'],
  fake_document_held: function () {
    return Object.keys(domElements).length;
  },
  // Whether the list's children are these, as `tag text`, one a line, from the top.
  fake_document_has_children__deps: ['$getString'],
  fake_document_has_children: function (children, length) {
    var shown = fakeDocument.elements.list.children.map(function (child) {
      return child.tag + ' ' + child.text;
    });
    return shown.join('\n') === getString(children, length);
  },

  fake_document_widen_canvas: function (width) {
    fakeDocument.elements.canvas.clientWidth = width;
    fakeDocument.elements.canvas.resized();
  },

  // Whether the canvas's lines are these, as `x,y,x,y`, with blanks between.
  fake_document_has_lines__deps: ['$getString'],
  fake_document_has_lines: function (lines, length) {
    return fakeDocument.elements.canvas.lines.splice(0).join(' ') === getString(lines, length);
  },

  // An event on the box: types its value or presses a key. Whether the browser was kept from acting upon it.
  fake_document_box_event__deps: ['$getString'],
  fake_document_box_event: function (type, typeLength, value, valueLength) {
    var event = new Event(getString(type, typeLength), { cancelable: true });
    if (event.type === 'keydown') event.key = getString(value, valueLength);
    else fakeDocument.elements.box.value = getString(value, valueLength);
    return !fakeDocument.elements.box.dispatchEvent(event);
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
    if (form.elements[0]) form.elements[0].value = getString(text, length);
    return !form.dispatchEvent(new Event('submit', { cancelable: true }));
  },
  fake_document_take_control: function () {
    fakeDocument.elements.form.elements = [];
  },
  // An input of the box, whose value is this number, as that of a <progress>.
  fake_document_give_number: function (value) {
    fakeDocument.elements.box.value = value;
    fakeDocument.elements.box.dispatchEvent(new Event('input'));
  },
  fake_document_control_has__deps: ['$getString'],
  fake_document_control_has: function (text, length) {
    return fakeDocument.elements.form.elements[0].value === getString(text, length);
  },
  fake_document_focused: function () {
    return fakeDocument.elements.form.elements[0].focused;
  },
});
