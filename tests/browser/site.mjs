// What tests of the page need: a browser, the one that TIDINGS_BROWSER names, and for each test a server and a browser
// context of its own.
import { after, afterEach, before, beforeEach, it } from "node:test";

import { isWellDriven, launch } from "./browsers.mjs";
import { kPatience } from "./deadline.mjs";
import { Server } from "./server.mjs";

// it() for what a browser must be well driven for; elsewhere there is no such test.
export const itIfWellDriven = isWellDriven(process.env.TIDINGS_BROWSER) ? it : () => {};

class Site {
  browser;
  context;
  server; // a test that ends it may put another here

  async newPage() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(kPatience);
    return page;
  }
}

// To be called in a describe(). What it returns holds those of the test that runs. Hooks run in the order in which they are
// registered: what is to end before the context and the server has its afterEach() above the call.
export function useSite() {
  const site = new Site();
  before(async () => {
    site.browser = await launch(process.env.TIDINGS_BROWSER);
  });
  after(async () => {
    await site.browser?.close();
  });
  beforeEach(async () => {
    site.server = await Server.start();
    site.context = await site.browser.createBrowserContext();
  });
  afterEach(async () => {
    const { context, server } = site;
    site.context = site.server = undefined;
    await context?.close();
    await server?.endsWell();
  });
  return site;
}
