// The browser's side of shared_stream.cc: the lock that makes a tab the leader, and the channel between the tabs.
mergeInto(LibraryManager.library, {
  $shares: {},

  // The names have the number of the layout (share_message.h), so that tabs of different ones leave each other alone.
  // Calls tidings_share_lead once this tab has the lock, which it keeps until the close, and a second time where another
  // script has stolen it. Where locks are refused, as in a sandbox, it leads itself alone. False where the browser has no
  // locks or channels, as in an insecure context, or the URL is none.
  tidings_share_open__deps: [
    '$shares',
    '$getString',
    'tidings_text',
    'tidings_share_lead',
    'tidings_share_take',
  ],
  tidings_share_open: function (stream, url, urlLength, withCredentials) {
    function lead() {
      if (shares[stream] !== share) return;
      var held = new Promise(function (resolve) {
        share.release = resolve;
      });
      _tidings_share_lead(stream);
      return held;
    }
    try {
      var share = new AbortController();
      var name =
        (withCredentials ? 'tidings2+credentials:' : 'tidings2:') + new URL(getString(url, urlLength), document.baseURI);
      navigator.locks.request(name, { signal: share.signal }, lead).catch(lead);
      share.channel = new BroadcastChannel(name);
    } catch (error) {
      return false;
    }
    shares[stream] = share;
    share.channel.onmessage = function (event) {
      var bytes = event.data;
      if (!(bytes instanceof Uint8Array) || shares[stream] !== share) return;
      var at = _tidings_text(bytes.length); // it may move the memory
      HEAPU8.set(bytes, at);
      _tidings_share_take(stream, at, bytes.length);
    };
    return true;
  },

  tidings_share_post__deps: ['$shares'],
  tidings_share_post: function (stream, begin, length) {
    shares[stream].channel.postMessage(HEAPU8.slice(begin, begin + length));
  },

  tidings_share_close__deps: ['$shares'],
  tidings_share_close: function (stream) {
    var share = shares[stream];
    delete shares[stream];
    share.channel.close();
    share.abort();
    if (share.release) share.release();
  },
});
