import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { sprite } from "./plugins/icons.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Writes the icon sprite and `assets.json`, the list of hashed names that the template tags read. */
function assets(): Plugin {
  return {
    name: "zhike-assets",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const drawing = sprite(here("icons.txt"), here("node_modules/@tabler/icons/icons"));
        const icons = `icons-${createHash("sha256").update(drawing).digest("base64url").slice(0, 8)}.svg`;
        this.emitFile({ type: "asset", fileName: icons, source: drawing });
        const files = Object.values(bundle);
        const entry = files.find((file) => file.type === "chunk" && file.isEntry);
        if (entry?.type !== "chunk") throw new Error("the bundle has no entry");
        const styles = files.map((file) => file.fileName).filter((name) => name.endsWith(".css"));
        const names = { script: entry.fileName, modules: entry.imports, styles, icons };
        this.emitFile({ type: "asset", fileName: "assets.json", source: JSON.stringify(names) });
      },
    },
  };
}

export default defineConfig({
  base: "./",
  build: {
    outDir: here("../zhike/web/static/build"),
    emptyOutDir: true,
    assetsDir: ".",
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    // Older targets make the bundler rewrite light-dark() to variables fixed at :root,
    // which breaks dark areas inside a light page.
    cssTarget: ["chrome123", "edge123", "firefox128", "safari17.5"],
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: here("src/main.ts"), checks: { pluginTimings: false } },
  },
  plugins: [assets()],
});
