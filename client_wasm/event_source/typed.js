// The browser's side of typed.cc.
mergeInto(LibraryManager.library, {
  tidings_typed_number__deps: ['$getString'],
  tidings_typed_number: function (text, length) {
    return +getString(text, length);
  },

  tidings_typed_problem__deps: ['$getString'],
  tidings_typed_problem: function (type, typeLength, path, pathLength, what, whatLength) {
    console.error(
      'An event of the type ' + getString(type, typeLength) + ' could not be read: ' +
        (getString(path, pathLength) || 'its data') + ' ' + getString(what, whatLength) + '.'
    );
  },
});
