// The proxies: what of Debian each is, how the configuration in deploy/ becomes one for a test, how it starts and is
// reloaded, and what it is known to do to streams, which the checks hold it to.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { environment } from "./packages.mjs";

const run = promisify(execFile);

// A file of deploy/, with each of these texts, which have to be there, replaced.
function changed(file, replacements) {
  let text = readFileSync(`deploy/${file}`, "utf8");
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`deploy/${file} has no "${from}" any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// What switches compression on, of streams too, where a test asks for that.
const compressing = ({ isCompressing }, ...replacements) => (isCompressing ? replacements : []);

// `put` writes a file into the test's folder and gives its path. `place` has: root, of the packages; folder; port, at which
// the proxy listens; ports, further free ones; backend, HOST:PORT of the server; unixSocket and isCompressing, where they are
// asked for; certificate, key and both, paths.
const put = (place, name, text) => {
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return path;
};

export const kProxies = {
  nginx: {
    packages: ["nginx"],
    start(place) {
      const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const path = put(place, "nginx.conf", changed("nginx.conf", [
        ["user www-data;", process.getuid() === 0 ? "user root;" : ""],
        ["/run/nginx.pid", join(place.folder, "nginx.pid")],
        ["/var/log/nginx/error.log", join(place.folder, "error.log")],
        ["http {", `http {\n  ${folders.map((name) => `${name}_temp_path ${join(place.folder, name)};`).join(" ")}`],
        ["listen 443", `listen 127.0.0.1:${place.port}`],
        ["/etc/ssl/robot.pem", place.certificate],
        ["/etc/ssl/private/robot.pem", place.key],
        ["http://127.0.0.1:9009", `http://${place.unixSocket ? `unix:${place.unixSocket}:` : place.backend}`],
        ...compressing(place, ["gzip off;", "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;"]),
      ]));
      return [["usr/sbin/nginx", "-p", place.folder, "-c", path, "-e", join(place.folder, "error.log"), "-g", "daemon off;"]];
    },
    reload: (children) => children[0].kill("SIGHUP"),
    leaving: "at once",
    browserStreams: 20,
    silence: 60,
  },

  caddy: {
    packages: ["caddy"],
    start(place) {
      const path = put(place, "Caddyfile", `{
	admin 127.0.0.1:${place.ports[0]}
	auto_https disable_redirects
	storage file_system ${place.folder}/storage
}
` + changed("Caddyfile", [
        ["robot.example {", `https://localhost:${place.port} {\n\tbind 127.0.0.1`],
        ["tls /etc/ssl/robot.pem /etc/ssl/private/robot.pem", `tls ${place.certificate} ${place.key}`],
        ["127.0.0.1:9009", place.backend],
        ...compressing(place, [
          "\treverse_proxy",
          "\tencode gzip {\n\t\tminimum_length 1\n\t\tmatch status 200\n\t}\n\treverse_proxy",
        ]),
      ]));
      return [["usr/bin/caddy", "run", "--config", path, "--adapter", "caddyfile"]];
    },
    async reload(children, place) {
      const command = ["reload", "--force", "--config", join(place.folder, "Caddyfile"), "--adapter", "caddyfile"];
      await run(join(place.root, "usr/bin/caddy"), [...command, "--address", `127.0.0.1:${place.ports[0]}`]);
    },
    leaving: "at once",
    browserStreams: 20,
  },

  haproxy: {
    packages: ["haproxy"],
    start(place) {
      const path = put(place, "haproxy.cfg", changed("haproxy.cfg", [
        ["maxconn 20000", "maxconn 2000"], // the descriptors that it wants need not be there
        ["bind :443 ssl crt /etc/haproxy/robot.pem", `bind 127.0.0.1:${place.port} ssl crt ${place.both}`],
        ["127.0.0.1:9009", place.backend],
        ...compressing(place, [
          "backend tidings\n",
          "backend tidings\n  compression algo gzip\n  compression type text/plain text/event-stream\n",
        ]),
      ]));
      return [["usr/sbin/haproxy", "-W", "-f", path]];
    },
    reload: (children) => children[0].kill("SIGUSR2"),
    leaving: "at once",
    browserStreams: 20,
    silence: 60,
  },

  apache: {
    packages: ["apache2"],
    start(place) {
      const path = put(place, "apache.conf", changed("apache.conf", [
        ["ServerRoot /etc/apache2", `ServerRoot ${place.folder}\nDefaultRuntimeDir ${place.folder}`],
        ["/run/apache2.pid", join(place.folder, "apache.pid")],
        ["/var/log/apache2/error.log", join(place.folder, "error.log")],
        ["/usr/lib/apache2/modules", join(place.root, "usr/lib/apache2/modules")],
        ["Listen 443", `Listen 127.0.0.1:${place.port}`],
        ["*:443", `127.0.0.1:${place.port}`],
        ["/etc/ssl/robot.pem", place.certificate],
        ["/etc/ssl/private/robot.pem", place.key],
        ["127.0.0.1:9009", place.backend],
        ...compressing(
          place,
          ["Listen 127", `LoadModule deflate_module ${join(place.root, "usr/lib/apache2/modules/mod_deflate.so")}\nListen 127`],
          ["  ProxyPreserveHost On", "  SetOutputFilter DEFLATE\n  ProxyPreserveHost On"],
        ),
      ]));
      return [["usr/sbin/apache2", "-D", "FOREGROUND", "-f", path]];
    },
    reload: (children) => children[0].kill("SIGUSR1"),
    leaving: "at the next write",
    browserStreams: 6,
    silence: 60,
    compresses: true,
  },

  varnish: {
    packages: ["varnish", "hitch"],
    start(place) {
      const [inner, admin] = place.ports;
      const vcl = put(place, "varnish.vcl", changed("varnish.vcl", [
        ['"9009"', `"${place.backend.split(":")[1]}"`],
        ...compressing(place, [
          "sub vcl_pipe {",
          "sub vcl_backend_response {\n  set beresp.do_gzip = true;\n}\n\nsub vcl_pipe {",
        ]),
      ]));
      const hitch = put(place, "hitch.conf", changed("hitch.conf", [
        ["[*]:443", `[127.0.0.1]:${place.port}`],
        ["[127.0.0.1]:8443", `[127.0.0.1]:${inner}`],
        ["/etc/hitch/robot.pem", place.both],
        ['user = "_hitch"', process.getuid() === 0 ? 'user = "nobody"' : ""],
      ]));
      const vmods = join(place.root, "usr/lib/varnish/vmods");
      return [
        ["usr/sbin/varnishd", "-F", "-j", "none", "-n", join(place.folder, "varnish"), "-a", `127.0.0.1:${inner},PROXY`,
          "-f", vcl, "-p", "pipe_timeout=60", "-p", `vmod_path=${vmods}`, "-T", `127.0.0.1:${admin}`, "-S", "none"],
        ["usr/sbin/hitch", `--config=${hitch}`],
      ];
    },
    async reload(children, place) {
      const name = `again${Date.now()}`;
      const admin = (...command) => run(join(place.root, "usr/bin/varnishadm"), ["-T", `127.0.0.1:${place.ports[1]}`, ...command], {
        env: environment(place.root),
      });
      await admin("vcl.load", name, join(place.folder, "varnish.vcl"));
      await admin("vcl.use", name);
      children[1].kill("SIGHUP");
    },
    leaving: "at once",
    browserStreams: 6, // HTTP/1.1: a browser opens no more connections
    silence: 60,
    isHttp1: true,
  },
};

// The same with the server's Unix socket behind it.
kProxies["nginx-unix"] = { ...kProxies.nginx, isUnix: true };
