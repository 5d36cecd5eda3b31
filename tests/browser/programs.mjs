// The system's programs that tests start.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// The path of the first of them that is in PATH; an Error says which package has one.
export function findProgram(names, packageName = names[0]) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (!found) throw new Error(`There is no ${names.join(", ")} in PATH: apt-get install ${packageName}`);
  return found;
}
