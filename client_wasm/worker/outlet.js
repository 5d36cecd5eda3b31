// The browser's side of outlet.cc: the page's requests, and a batch that is being made.
mergeInto(LibraryManager.library, {
  $outletBatch: [],

  tidings_outlet_open__deps: ['tidings_outlet_request'],
  tidings_outlet_open: function (outlet) {
    addEventListener('message', function (event) {
      if (event.data === 'next') _tidings_outlet_request(outlet);
    });
  },

  tidings_outlet_add__deps: ['$outletBatch', '$getString'],
  tidings_outlet_add: function (type, typeLength, data, dataLength, id, idLength, origin, originLength) {
    outletBatch.push({
      type: getString(type, typeLength),
      data: getString(data, dataLength),
      lastEventId: getString(id, idLength),
      origin: getString(origin, originLength),
    });
  },

  tidings_outlet_post__deps: ['$outletBatch'],
  tidings_outlet_post: function () {
    postMessage(outletBatch.splice(0));
  },
});
