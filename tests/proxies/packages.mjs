// Programs of Debian's packages without installing them: no service starts, nothing of the system changes, and nobody has
// to be root. What a package needs and the system lacks is downloaded with it, and all of it unpacked into one folder, which
// is kept for the next time.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const kKept = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tidings/proxies");

function aptGet(folder, ...command) {
  const options = [`Dir::Cache::archives=${folder}`, "Debug::NoLocking=1", "Dpkg::Use-Pty=0", "APT::Sandbox::User="];
  const flags = options.flatMap((option) => ["-o", option]);
  execFileSync("apt-get", ["-qq", "--yes", "--no-install-recommends", ...flags, ...command], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

// The packages' root, below which everything lies as it would below /: the system's own where all are installed.
export function unpacked(packages) {
  const root = join(kKept, packages.join("+"));
  if (existsSync(root)) return root;
  mkdirSync(kKept, { recursive: true });
  const folder = mkdtempSync(join(kKept, "download-"));
  try {
    mkdirSync(join(folder, "archives/partial"), { recursive: true });
    console.log(`Downloading ${packages.join(", ")} from Debian, into ${kKept}`);
    try {
      aptGet(join(folder, "archives"), "install", "--download-only", ...packages);
    } catch {
      aptGet(join(folder, "archives"), "update"); // the lists may be old, or not there
      aptGet(join(folder, "archives"), "install", "--download-only", ...packages);
    }
    const archives = readdirSync(join(folder, "archives")).filter((name) => name.endsWith(".deb"));
    if (archives.length === 0) return "/";
    for (const name of archives) {
      execFileSync("dpkg-deb", ["--extract", join(folder, "archives", name), join(folder, "root")]);
    }
    renameSync(join(folder, "root"), root);
    return root;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// For programs from there: where their libraries are.
export function environment(root) {
  const folders = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/varnish"].map((name) => join(root, name));
  return { ...process.env, LD_LIBRARY_PATH: folders.filter(existsSync).join(":") };
}
