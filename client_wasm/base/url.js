// A parameter in a URL's query. Source: RFC 3986, "Query"; WHATWG URL.
mergeInto(LibraryManager.library, {
  // The URL with `name=value` at the end of its query and without its fragment, which no server gets. A parameter of that
  // name that is there already stays.
  $withParameter: function (url, name, value) {
    url = url.replace(/#[^]*/, '');
    return url + (url.includes('?') ? '&' : '?') + name + '=' + encodeURIComponent(value);
  },
});
