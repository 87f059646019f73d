// The program under test: the one at PALOMPY_E2E_URL, or a demo started here on a free port with a data folder of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.PALOMPY_BIN ?? fileURLToPath(new URL("../../target/debug/palompy", import.meta.url));
/** Opens the administration API of the program under test. */
export const ADMIN_TOKEN = process.env.PALOMPY_ADMIN_TOKEN ?? "an-administrator-of-journeys";
const READY = /http:\/\/127\.0\.0\.1:\d+/;
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 10_000;

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startServer() {
  const given = process.env.PALOMPY_E2E_URL;
  if (given) return { url: given.replace(/\/+$/, ""), stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "palompy-e2e-"));
  const child = spawn(PROGRAM, ["demo", "--data-dir", folder, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"], env: { ...environment(), PALOMPY_ADMIN_TOKEN: ADMIN_TOKEN },
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    const timer = setTimeout(kill, STOP_LIMIT_MS);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(timer);
    process.off("exit", kill);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await readyUrl(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Without what is meant for these tests: the program refuses variables that it does not know. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^PALOMPY_(E2E_|BIN$)/.test(name)));
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
function readyUrl(child) {
  return new Promise((resolve, reject) => {
    let out = "";
    let problems = "";
    const timer = setTimeout(() => reject(new Error(`${PROGRAM} was not ready after ${START_LIMIT_MS / 1000} s\n${problems}`)), START_LIMIT_MS);
    child.stdout.on("data", (piece) => {
      out += piece;
      const url = READY.exec(out.slice(0, out.lastIndexOf("\n") + 1))?.[0];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.stderr.on("data", (piece) => { problems = (problems + piece).slice(-4000); });
    child.once("error", (error) => (clearTimeout(timer), reject(new Error(`could not start ${PROGRAM}: ${error.message}`))));
    child.once("exit", (code) => (clearTimeout(timer), reject(new Error(`${PROGRAM} ended with code ${code} before it was ready\n${problems}`))));
  });
}
