# Varnish 7.1 in front of Tidings, behind hitch (hitch.conf), which takes TLS off. A whole configuration, for
# /etc/varnish/default.vcl, of a Varnish that is started so:
#
#   varnishd -a 127.0.0.1:8443,PROXY -f /etc/varnish/default.vcl -p pipe_timeout=60
#
# Tidings is told to believe it: --trusted_proxy 127.0.0.1. docs/DEPLOY.md says what Varnish does to streams; `bazel run
# //tests/proxies -- varnish` tries this file with the real Varnish and hitch.
vcl 4.1;

backend tidings {
  .host = "127.0.0.1";
  .port = "9009";
}

sub vcl_recv {
  # Who the client is Varnish says by itself, in X-Forwarded-For. What the client says of that is taken out.
  unset req.http.Forwarded;
  unset req.http.X-Forwarded-Host;
  set req.http.X-Forwarded-Proto = "https";
  # Streams go past everything that may hold bytes back, and past the end that any other response has after ten minutes;
  # and nothing but a pipe tells the server that the client of a silent stream has left.
  if (req.method == "GET" && req.url ~ "^/(events|channels)([/?]|$)") {
    return (pipe);
  }
}

sub vcl_pipe {
  # What came next on the connection would go past all of this.
  set bereq.http.Connection = "close";
}
