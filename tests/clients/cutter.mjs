// A way to a server that cuts one connection at a byte that the test has chosen: with a FIN, as whoever ends well, or with a
// RST, as whoever does not. Everything else goes through, and whoever comes next too.
import { once } from "node:events";
import { connect, createServer } from "node:net";

// The end comes so long after the last bytes, as it does over a network mostly: what is still to be read when a stream ends
// badly, browsers throw away.
const kApart = 100;

export class Cutter {
  #connections = new Set();
  #cut; // { find, how, done }
  #server = createServer((client) => this.#join(client));
  #target;

  // To a server on this machine.
  static async to(port) {
    const cutter = new Cutter();
    cutter.#target = port;
    cutter.#server.listen(0, "127.0.0.1");
    await once(cutter.#server, "listening");
    return cutter;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  // Resolves once a connection has been cut: the first on which the server sends what `find` looks for. `find` is given all
  // that it has sent there from now on, and returns where to cut: an offset, or undefined as long as there is none.
  cut(find, how) {
    return new Promise((done) => (this.#cut = { find, how, done }));
  }

  async close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#connections.forEach((socket) => socket.destroy());
    await closed;
  }

  #join(client) {
    const server = connect(this.#target, "127.0.0.1");
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.#connections.add(socket);
      socket.setNoDelay();
      socket.on("error", () => {}); // what matters of it is its close
      socket.on("close", () => {
        this.#connections.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server);
    let sent = Buffer.alloc(0);
    let isCut = false;
    server.on("data", (bytes) => {
      if (isCut) return;
      if (!this.#cut) return client.write(bytes);
      const { find, how, done } = this.#cut;
      const before = sent.length;
      sent = Buffer.concat([sent, bytes]);
      const offset = find(sent);
      if (offset === undefined) return client.write(bytes);
      isCut = true;
      this.#cut = undefined;
      client.write(bytes.subarray(0, offset - before));
      setTimeout(() => (how === "FIN" ? client.end(done) : done(client.resetAndDestroy())), kApart);
    });
    server.on("end", () => client.end());
  }
}
