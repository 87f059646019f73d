// The widget's files as the program carries them: minified by the build, found where Cargo says that it put them.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @returns {{ files: Map<string, Buffer>, version: string }} by path, as `ru/panel.js`; `version` is the folder that the launcher asks */
export function readBuiltWidget() {
  const messages = execFileSync("cargo", ["build", "--locked", "--quiet", "--message-format=json"], { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 28 });
  const scripts = messages.split("\n").filter((line) => line.includes('"build-script-executed"')).map((line) => JSON.parse(line));
  const own = scripts.find((it) => it.env.some(([name]) => name === "WIDGET_VERSION"));
  if (!own) throw new Error("cargo did not say where it built the widget");
  const folder = join(own.out_dir, "widget");
  const names = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  return {
    files: new Map(names.map((name) => [name, readFileSync(join(folder, name))])),
    version: own.env.find(([name]) => name === "WIDGET_VERSION")[1],
  };
}
