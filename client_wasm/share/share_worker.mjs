// Begins the worker. A page of another version than this file has another name for it, and hears nothing.
import { serve } from "./worker.mjs";

if (self.name === "tidings 1") {
  const take = serve(self);
  self.onconnect = ({ ports: [port] }) => take(port);
}
