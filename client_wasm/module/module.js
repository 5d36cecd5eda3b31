// The way between module.cc and index.mjs: what the one exports as functions of strings, and the objects of the other
// that hear of events and states, by the address of their stream.
mergeInto(LibraryManager.library, {
  $moduleSinks: {},

  tidings_module_begin__deps: [
    '$moduleSinks',
    '$putText',
    'tidings_module_close',
    'tidings_module_listen',
    'tidings_module_open',
    'tidings_module_pause',
    'tidings_module_set_field',
    'tidings_text',
  ],
  tidings_module_begin: function () {
    Module['open'] = function (sink, options) {
      var url = putText(options.url);
      var urlLength = textLength;
      var method = putText(options.method);
      var methodLength = textLength;
      var fields = putText(options.fields);
      var fieldsLength = textLength;
      var id = putText(options.lastEventId);
      var idLength = textLength;
      var body = _tidings_text(options.body.length);
      HEAPU8.set(options.body, body);
      var stream = _tidings_module_open(
        url, urlLength, method, methodLength, fields, fieldsLength, body, options.body.length, id, idLength,
        options.withCredentials, options.reopensAfterRefusal, options.silentAfter, options.answerWithin
      );
      if (stream) moduleSinks[stream] = sink;
      return stream;
    };
    Module['listen'] = function (stream, type) {
      _tidings_module_listen(stream, putText(type), textLength);
    };
    Module['setField'] = function (stream, name, value) {
      var start = putText(name);
      var length = textLength;
      _tidings_module_set_field(stream, start, length, putText(value), textLength);
    };
    Module['pause'] = function (stream, isOn) {
      _tidings_module_pause(stream, isOn);
    };
    Module['close'] = function (stream) {
      delete moduleSinks[stream];
      _tidings_module_close(stream);
    };
  },

  tidings_module_event__deps: ['$moduleSinks', '$getString'],
  tidings_module_event: function (stream, type, typeLength, data, dataLength, id, idLength, origin, originLength) {
    moduleSinks[stream].takeEvent(getString(type, typeLength), {
      data: getString(data, dataLength),
      lastEventId: getString(id, idLength),
      origin: getString(origin, originLength),
    });
  },

  tidings_module_state__deps: ['$moduleSinks', '$getString'],
  tidings_module_state: function (stream, state, reason, status, problem, length) {
    moduleSinks[stream].takeState(state, reason, status, getString(problem, length));
  },
});
