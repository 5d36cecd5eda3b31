// The dashboard: what it asks Prometheus for.
import { readFileSync } from "node:fs";

// With its variables as Grafana would replace them.
export class Dashboard {
  #values;

  constructor(values) {
    this.#values = values;
    this.json = JSON.parse(readFileSync("deploy/grafana.json", "utf8"));
  }

  get panels() {
    return this.json.panels;
  }

  // A panel's expressions by their letters, in which no variable is left.
  expressions({ title, targets }) {
    return targets.map(({ refId, expr }) => ({ refId, expression: this.replaced(expr, title) }));
  }

  // What a series with these labels is called.
  legend({ targets }, refId, labels) {
    const { legendFormat } = targets.find((target) => target.refId === refId);
    return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? "");
  }

  // The values of a variable that Prometheus is asked for: { metric, label }, of label_values(METRIC, LABEL).
  variables() {
    return this.json.templating.list.filter(({ type }) => type === "query").map(({ name, query }) => {
      const [, metric, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query);
      return { name, metric: this.replaced(metric, `the variable ${name}`), label };
    });
  }

  replaced(text, where) {
    return text.replaceAll(/\$(\w+)/g, (_, name) => {
      if (this.#values[name] === undefined) throw new Error(`${where} has the variable $${name}, which is none`);
      return this.#values[name];
    });
  }
}
