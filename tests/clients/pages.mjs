// Clients in pages of Chromium: from the server itself, by --web_root, or from another origin.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "../browser/browsers.mjs";
import { kPatience } from "../browser/deadline.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

// A folder of pages, a browser, and a server of another origin than the one that is followed. To be closed.
export class Pages {
  #browser;
  #count = 0;
  #elsewhere = createServer((request, response) => this.#serve(request, response));
  #folder = mkdtempSync(join(tmpdir(), "tidings-pages-"));

  static async start() {
    const pages = new Pages();
    pages.#elsewhere.listen(0, "localhost");
    await once(pages.#elsewhere, "listening");
    pages.#browser = await launch("chromium");
    pages.version = (await pages.#browser.version()).replace(/^.*\//, "");
    return pages;
  }

  // Flags of a server for them.
  get flags() {
    return ["--web_root", this.#folder, "--web_policy", "", "--cors_origin", this.#origin];
  }

  get same() {
    return { flags: this.flags, open: (client, where) => this.#open(client, where, { origin: where.url, stream: where.path }) };
  }
  get cross() {
    const stream = ({ url, path }) => new URL(path, url).href;
    const open = (client, where) => this.#open(client, where, { origin: this.#origin, stream: stream(where) });
    return { flags: this.flags, open };
  }

  async close() {
    await this.#browser?.close();
    this.#elsewhere.closeAllConnections();
    this.#elsewhere.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #origin() {
    return `http://localhost:${this.#elsewhere.address().port}`;
  }

  // Resolves to what closes it.
  async #open(client, { told }, { origin, stream }) {
    const name = await this.#write(client, stream);
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    page.on("pageerror", (error) => (told.log += `${error.message}\n`));
    page.on("console", (message) => (told.log += `${message.text()}\n`));
    await page.exposeFunction("tell", ({ event, ended }) => {
      if (event !== undefined) told.event(event);
      if (ended !== undefined) told.end(ended);
    });
    await page.goto(`${origin}/${name}?stream=${encodeURIComponent(stream)}`);
    return () => context.close();
  }

  // The page of a client that follows this stream, and once its scripts. Resolves to its name.
  async #write(client, stream) {
    const adapter = await import(`./adapters/${client.adapter}`);
    const scripts = adapter.page ? ["watch.js", ...adapter.scripts].map((path) => this.#copy(path)) : [this.#bundle(client)];
    const type = adapter.areModules ? ' type="module"' : "";
    this.#count += 1;
    const name = `page-${this.#count}.html`;
    writeFileSync(join(this.#folder, name), `<!doctype html>
<meta charset="utf-8">
<title>${client.name}</title>
<link rel="icon" href="data:,">
${adapter.head ?? ""}
${scripts.map((path) => `<script src="/${path}"${type}></script>`).join("\n")}
<body>
${adapter.page?.(stream) ?? ""}
</body>
`);
    return name;
  }

  // A script from here or from a package. Others may be loading it.
  #copy(path) {
    const name = path.replaceAll(/[@/]/g, "-").replace(/^-/, "");
    const from = path.includes("/") ? `node_modules/${path}` : path;
    if (!existsSync(join(this.#folder, name))) copyFileSync(here(from), join(this.#folder, name));
    return name;
  }

  // The script of an adapter that also runs in node, with all that it imports.
  #bundle({ adapter }) {
    const name = adapter.replace(".mjs", ".js");
    if (!existsSync(join(this.#folder, name))) {
      const source = readFileSync(here("page.js"), "utf8").replaceAll("ADAPTER", `./adapters/${adapter}`);
      const flags = ["--bundle", "--format=iife", "--log-level=error", `--outfile=${join(this.#folder, name)}`];
      execFileSync("esbuild", flags, { cwd: here("."), input: source, stdio: ["pipe", "ignore", "pipe"] });
    }
    return name;
  }

  #serve({ url }, response) {
    const path = join(this.#folder, new URL(url, "http://any").pathname.slice(1));
    if (!kTypes[extname(path)] || !existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": kTypes[extname(path)] }).end(readFileSync(path));
  }
}
