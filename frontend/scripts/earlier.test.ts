import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

import { KEPT_MS, MAX_KEPT_BYTES, mergeEarlier } from "./earlier.ts";
import { describe as describeFile, hashedFiles, readManifest, writeManifest, type HashedFile } from "./manifest.ts";

const NOW = Date.parse("2026-01-31T00:00:00Z");
const DIGEST = "d".repeat(64);

function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "netra-earlier-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function site(): string {
  const root = folder({ "_next/static/new.js": "new()", "_next/static/new.js.br": "", "index.html": "" });
  writeManifest(root, { digest: DIGEST, kept: "", files: hashedFiles(root) });
  return root;
}

function earlier(files: Record<string, string>, change: (file: HashedFile) => HashedFile = (file) => file): string {
  const root = folder(files);
  const described = Object.entries(files).map(([path, text]) =>
    change({ ...describeFile(path, Buffer.from(text)), lastReleased: new Date(NOW - 1000).toISOString() }),
  );
  writeManifest(root, { digest: "", kept: "0123456789ab", files: described });
  return root;
}

describe("the hashed files of earlier releases", () => {
  it("are added, compressed and named, and never replace a file of the release", () => {
    const root = site();
    const large = "large();".repeat(200);
    const merged = mergeEarlier(root, earlier({ "_next/static/old.js": large, "_next/static/new.js": "other()" }), NOW);
    expect(merged).toEqual({ kept: 1, bytes: large.length });
    expect(readFileSync(join(root, "_next/static/old.js"), "utf8")).toBe(large);
    expect(existsSync(join(root, "_next/static/old.js.br"))).toBe(true);
    expect(readFileSync(join(root, "_next/static/new.js"), "utf8")).toBe("new()");
    const manifest = readManifest(root);
    expect([manifest.digest, manifest.kept]).toEqual([DIGEST, "0123456789ab"]);
    expect(manifest.files.map((file) => [file.path, file.lastReleased !== undefined])).toEqual([
      ["_next/static/new.js", false],
      ["_next/static/old.js", true],
    ]);
  });

  it("are left out after 7 days, and without a date", () => {
    const at = (ms: number) => new Date(NOW - ms).toISOString();
    for (const [lastReleased, kept] of [[at(KEPT_MS - 1), 1], [at(KEPT_MS), 0], ["never", 0]] as const) {
      const old = earlier({ "_next/static/old.js": "old()" }, (file) => ({ ...file, lastReleased }));
      expect(mergeEarlier(site(), old, NOW).kept).toBe(kept);
    }
  });

  it("are bounded: the oldest are left out", () => {
    const half = "x".repeat(MAX_KEPT_BYTES / 2);
    const dated = (file: HashedFile): HashedFile => ({ ...file, lastReleased: file.path.includes("c") ? "2026-01-29T00:00:00Z" : file.lastReleased ?? "" });
    const old = earlier({ "_next/static/a.js": half, "_next/static/b.js": half, "_next/static/c.js": "x" }, dated);
    const root = site();
    expect(mergeEarlier(root, old, NOW)).toEqual({ kept: 2, bytes: MAX_KEPT_BYTES });
    expect(existsSync(join(root, "_next/static/c.js"))).toBe(false);
  });

  it("are refused under another name or with another content", () => {
    const files = { "_next/static/old.js": "old()" };
    for (const path of ["index.html", "_next/static/../../x.js", "../_next/static/x.js", "_next/static/.x", "_next/static"]) {
      expect(() => mergeEarlier(site(), earlier(files, (file) => ({ ...file, path })), NOW)).toThrow(/names no hashed file/);
    }
    for (const other of [{ bytes: 6 }, { sha256: "0".repeat(64) }]) {
      expect(() => mergeEarlier(site(), earlier(files, (file) => ({ ...file, ...other })), NOW)).toThrow(/not the file/);
    }
    expect(() => mergeEarlier(site(), earlier(files, (file) => ({ ...file, path: "_next/static/gone.js" })), NOW)).toThrow(/absent/);
  });

  it("may not exist", () => {
    expect(mergeEarlier(site(), join(tmpdir(), "netra-no-such-folder"), NOW)).toEqual({ kept: 0, bytes: 0 });
  });
});
