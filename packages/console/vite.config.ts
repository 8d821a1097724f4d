import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const TARGET = "../platform/src/maquette/console";
const SERVER = process.env.MAQUETTE_URL ?? "http://127.0.0.1:7788";

/** Files that a browser may have smaller, so that the server need not pack them anew each time. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    closeBundle() {
      const folder = join(import.meta.dirname, TARGET, "assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css|svg|json)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        for (const [suffix, small] of [[".gz", gzipSync(bytes, { level: 9 })], [".br", brotliCompressSync(bytes)]] as const) {
          if (small.length < bytes.length) writeFileSync(join(folder, name + suffix), small);
        }
      }
    },
  };
}

/** `virtual:parts`: the packages that the console is made of, with their licences, as the lock file tells them. */
function parts(): Plugin {
  const name = "virtual:parts";
  return {
    name: "parts",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const lock = JSON.parse(readFileSync(join(import.meta.dirname, "package-lock.json"), "utf8")) as {
        packages: Record<string, { version: string; license?: string; dev?: boolean; optional?: boolean; devOptional?: boolean }>;
      };
      const found = Object.entries(lock.packages)
        // What is there for its types, or for one kind of machine, does not come into the console.
        .filter(([path, one]) => path && !one.dev && !one.optional && !one.devOptional)
        .map(([path, one]) => ({ name: path.replace(/^.*node_modules\//, ""), version: one.version, licence: one.license ?? "" }));
      const each = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
      return `export default ${JSON.stringify([...each.values()])}`;
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), parts(), packed()],
  // Replaced by the server with a word of its own for every page; see maquette/web/console.py.
  html: { cspNonce: "NONCE" },
  build: {
    // light-dark() as it is written: older ones are told apart by a rule that the themes here do not use.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    outDir: TARGET,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    // Its polyfill is an inline script, and browsers that know CSS's light-dark() know modulepreload.
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/maquette", "/v1", "/v2", "/v3", "/obs", "/sign-in", "/pages"].map((path) => [path, { target: SERVER }]),
    ),
  },
  // A machine may have much else to do.
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 60_000 },
});
