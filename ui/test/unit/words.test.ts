import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import de from "../../src/locales/de.json";
import en from "../../src/locales/en.json";

const root = join(import.meta.dirname, "../../..");
const endings = /_(zero|one|two|few|many|other)$/;
const keys = Object.keys(en);
const bases = new Set(keys.map((key) => key.replace(endings, "")));

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return ["node_modules", "bindings", "locales", "target", "dist"].includes(entry.name)
        ? []
        : files(path, ending);
    }
    return ending.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
const read = (path: string) => readFileSync(join(root, path), "utf8");

const window = files("ui/src", /\.tsx?$/)
  .map(read)
  .join("\n");
const rust = ["crates", "src-tauri"]
  .filter((folder) => statSync(join(root, folder), { throwIfNoEntry: false }))
  .flatMap((folder) => files(folder, /\.rs$/))
  .map(read)
  .join("\n");

/** Keys that are written out anywhere. */
const literal = new Set(
  [...`${window}\n${rust}`.matchAll(/["'`]([a-z0-9_]+(?:\.[a-z0-9_]+)+)["'`]/g)].map(
    ([, key]) => key ?? "",
  ),
);
/** Beginnings and ends of keys that are put together: `status.content.${status}`. */
const built = [
  ...window.matchAll(/`([a-z0-9_]+\.[a-z0-9_.]*)\$\{([^`\n]*)`/g),
  ...rust.matchAll(/"([a-z0-9_]+\.[a-z0-9_.]*)\{([^"\n]*)"/g),
].map(([, head = "", rest = ""]) => ({ head, tail: rest.slice(rest.lastIndexOf("}") + 1) }));

test("every key that the window or the core names is in the catalog", () => {
  const named = [...window.matchAll(/\bt\(\s*["']([a-z0-9_.]+)["']/g)].map(([, key]) => key ?? "");
  const missing = [...new Set(named)].filter((key) => !bases.has(key) && !(key in en));
  expect(missing).toEqual([]);
});

test("every key of the catalog is used", () => {
  const unused = [...bases].filter(
    (key) =>
      !literal.has(key) &&
      !built.some(({ head, tail }) => key.startsWith(head) && key.endsWith(tail)),
  );
  expect(unused).toEqual([]);
});

test("every English word has a German one with the same gaps, and no other", () => {
  const gaps = (words: string) =>
    [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, gap]) => gap).sort();
  const german: Record<string, string> = de;
  const missing = keys.filter((key) => !(key in german));
  const left = Object.keys(german).filter((key) => !(key in en));
  const gapsDiffer = Object.entries(en)
    .filter(([key, words]) => key in german && `${gaps(words)}` !== `${gaps(german[key] ?? "")}`)
    .map(([key]) => key);
  // What is listed is to be added to, taken out of, or mended in ui/src/locales/de.json.
  expect({ missing, left, gapsDiffer }).toEqual({ missing: [], left: [], gapsDiffer: [] });
  expect(Object.keys(german)).toEqual([...Object.keys(german)].sort());
});

test("a plural has both of its forms", () => {
  const halves = keys
    .filter((key) => key.endsWith("_one"))
    .filter((key) => !(key.replace(/_one$/, "_other") in en));
  expect(halves).toEqual([]);
});

test("the catalog is sorted, and no word shouts", () => {
  expect(keys).toEqual([...keys].sort());
  const loud = Object.entries(en).filter(([, words]) => /!|\b(please|oops)\b/i.test(words));
  expect(loud).toEqual([]);
});

test("every code, status and kind of the core has words", () => {
  const union = (name: string) =>
    [...read(`ui/src/bindings/${name}.ts`).matchAll(/"([a-z_]+)"/g)].map(([, word]) => word ?? "");
  const wanted = [
    ...union("Code").map((code) => `problem.${code}`),
    ...union("ContentStatus").map((status) => `status.content.${status}`),
    ...union("DeliveryStatus").map((status) => `status.delivery.${status}`),
    ...union("NeedKind").map((kind) => `need.${kind}.what`),
    ...union("NotificationKind").map((kind) => `notification.${kind}.title`),
    ...union("Role").map((role) => `role.${role}`),
  ];
  expect(wanted.filter((key) => !bases.has(key))).toEqual([]);
});
