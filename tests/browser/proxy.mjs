// A way to a server that can be cut while the server lives on: every connection ends at once and none is taken until it is
// mended. What a page behind it misses meanwhile is the server's to remember.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #connections = new Set();
  #port = 0; // a free one at first, the same ever after
  #server = createServer((client) => this.#join(client));
  #target;

  static async to(url) {
    const proxy = new Proxy();
    proxy.#target = new URL(url);
    await proxy.mend();
    return proxy;
  }

  get url() {
    return `http://localhost:${this.#port}`;
  }

  // Resolves once nothing goes through.
  async cut() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#connections.forEach((socket) => socket.destroy());
    await closed;
  }

  async mend() {
    this.#server.listen(this.#port, "localhost");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
  }

  #join(client) {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.#connections.add(socket);
      socket.setNoDelay();
      socket.on("error", () => {}); // what matters of it is its close
      socket.on("close", () => {
        this.#connections.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
