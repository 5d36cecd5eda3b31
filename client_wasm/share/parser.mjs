// Reads an event stream whose text comes in pieces. Source: WHATWG HTML, "Server-sent events", section "Interpreting an
// event stream". It is protocol/'s parser over again for a worker that has no WebAssembly: as C++ it would take the page
// beyond its bytes (docs/CLIENT.md). Both read the same table of cases.

const kLongestWait = 3_600_000; // milliseconds; a server's wish beyond it is not kept

export class Parser {
  reconnectionTime = 3000; // milliseconds
  #most;
  #rest; // of a line
  #isAfterCr;
  #newId;
  #type;
  #data; // lines
  #size;

  // `id` is the last event's; `take` is given each event as { type, data, id }. One with more than `most` characters of data
  // has null for them.
  constructor(id, most, take) {
    this.id = id;
    this.#most = most;
    this.take = take;
    this.begin();
  }

  // Another stream, behind the last event; what is unfinished is none.
  begin() {
    this.#rest = "";
    this.#isAfterCr = false;
    this.#newId = this.id;
    this.#beginEvent();
  }

  feed(text) {
    if (!text) return;
    const isSecondHalf = this.#isAfterCr && text[0] === "\n"; // of a line end
    this.#isAfterCr = text.endsWith("\r");
    if (isSecondHalf) text = text.slice(1);
    if (!/[\r\n]/.test(text)) {
      this.#keep(text);
      return;
    }
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#rest + lines[0];
    this.#rest = "";
    this.#keep(lines.pop());
    lines.forEach((line) => this.#read(line));
  }

  #beginEvent() {
    this.#data = [];
    this.#type = "";
    this.#size = 0;
  }

  // Of a line that is too long its beginning and its size are enough.
  #keep(text) {
    this.#rest += text;
    if (this.#rest.length > 2 * this.#most) this.#rest = this.#rest.slice(0, this.#most + 100);
  }

  #read(line) {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const [, field, value] = /^([^:]*):? ?([^]*)$/.exec(line);
    if (field === "data") {
      this.#size += value.length + 1; // with the line end
      if (this.#size > this.#most + 1) this.#data.length = 0;
      this.#data.push(value);
    } else if (line.length > this.#most) {
      // its end may be missing
    } else if (field === "event") {
      this.#type = value;
    } else if (field === "id") {
      if (!value.includes("\0")) this.#newId = value;
    } else if (field === "retry" && /^\d+$/.test(value)) {
      this.reconnectionTime = Math.min(value, kLongestWait);
    }
  }

  #dispatch() {
    const event = {
      type: this.#type || "message",
      data: this.#size > this.#most + 1 ? null : this.#data.join("\n"),
      id: (this.id = this.#newId),
    };
    const hasData = this.#data.length;
    this.#beginEvent();
    if (hasData) this.take(event);
  }
}
