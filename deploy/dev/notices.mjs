// Whose work is linked into the programs: names, versions, licences, and the texts of the licences.
// Usage: node deploy/dev/notices.mjs TARGET_TRIPLE > NOTICES
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [triple] = process.argv.slice(2);
if (!triple) throw new Error("name the target, such as x86_64-unknown-linux-gnu");

/** The packages that the programs are made of: no tests, no build scripts, nothing of ours. */
function crates() {
  const said = execFileSync(
    "cargo",
    ["metadata", "--locked", "--format-version=1", "--filter-platform", triple],
    { maxBuffer: 1 << 28 },
  );
  const { packages, resolve, workspace_members: ours } = JSON.parse(said);
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const reached = new Set();
  const programs = packages.filter((p) => ours.includes(p.id) && ["rostrum", "ctl"].includes(p.name));
  const queue = programs.map((p) => p.id);
  while (queue.length > 0) {
    const id = queue.pop();
    if (reached.has(id)) continue;
    reached.add(id);
    for (const dep of nodes.get(id).deps) {
      if (dep.dep_kinds.some(({ kind }) => kind === null)) queue.push(dep.pkg);
    }
  }
  return packages
    .filter((p) => reached.has(p.id) && !ours.includes(p.id))
    .map((p) => ({
      name: p.name,
      version: p.version,
      licence: p.license ?? p.license_file ?? "see its text",
      folder: dirname(p.manifest_path),
    }));
}

/** The packages that the window is built of. */
function modules() {
  const { packages } = JSON.parse(readFileSync("ui/package-lock.json", "utf8"));
  return Object.entries(packages)
    .filter(([path, p]) => path && !p.dev && !p.devOptional && existsSync(join("ui", path)))
    .map(([path, p]) => ({
      name: path.replace(/^.*node_modules\//, ""),
      version: p.version,
      licence: p.license ?? "see its text",
      folder: join("ui", path),
    }));
}

/** The licence texts that lie in a package's folder. */
function texts(folder) {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice|copyright|unlicense|ofl)/i.test(name))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      try {
        return [readFileSync(path, "utf8").replaceAll("\r\n", "\n").trim()];
      } catch {
        return []; // A folder of that name.
      }
    });
}

const all = [...crates(), ...modules()].sort(
  (a, b) => a.name.localeCompare(b.name, "en") || a.version.localeCompare(b.version, "en"),
);
const byText = new Map();
for (const { name, version, folder } of all) {
  for (const text of texts(folder)) {
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
}
console.log("Rostrum is made with the work of many. Linked into it are:\n");
for (const { name, version, licence } of all) console.log(`${name} ${version}: ${licence}`);
for (const [text, names] of byText) {
  console.log(`\n${"-".repeat(80)}\n${names.join(", ")}\n\n${text}`);
}
