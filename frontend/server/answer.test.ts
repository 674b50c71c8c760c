import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { answer } from "./answer.ts";
import { contentSecurityPolicy, scriptHashes } from "./policy.ts";
import { readSite } from "./site.ts";

const PAGE = "<html><script>one()</script><script src=\"/_next/static/x.js\"></script><body>hello</body></html>";

function site() {
  const root = mkdtempSync(join(tmpdir(), "netra-site-"));
  mkdirSync(join(root, "_next", "static"), { recursive: true });
  writeFileSync(join(root, "index.html"), PAGE);
  writeFileSync(join(root, "index.html.br"), brotliCompressSync(PAGE));
  writeFileSync(join(root, "index.html.gz"), gzipSync(PAGE));
  writeFileSync(join(root, "404.html"), "<html>nothing here</html>");
  writeFileSync(join(root, "ops.html"), "<html>ops</html>");
  writeFileSync(join(root, "version.json"), "{}");
  writeFileSync(join(root, "_next", "static", "x.js"), "x()");
  return readSite(root);
}

const ask = (target: string, rest: Partial<{ method: string; acceptEncoding: string; ifNoneMatch: string }> = {}) =>
  answer(site(), { method: "GET", target, acceptEncoding: "", ifNoneMatch: "", ...rest });

describe("the static server", () => {
  it("serves pages that must be asked for again, and hashed files that never change", () => {
    const page = ask("/?thread=x");
    expect([page.status, page.headers["cache-control"], page.body.toString()]).toEqual([200, "no-cache", PAGE]);
    expect(ask("/_next/static/x.js").headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(ask("/ops").body.toString()).toContain("ops");
  });

  it("answers 304 for the version that the browser has, and only for that", () => {
    const { etag } = ask("/").headers;
    const again = ask("/", { ifNoneMatch: `"other", W/${etag}` });
    expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, etag]);
    expect(ask("/", { ifNoneMatch: '"other"' }).status).toBe(200);
  });

  it("picks the best coding that the client takes", () => {
    const coding = (acceptEncoding: string) => ask("/", { acceptEncoding }).headers["content-encoding"];
    expect(coding("gzip, deflate, br")).toBe("br");
    expect(coding("gzip")).toBe("gzip");
    expect(coding("br;q=0, gzip")).toBe("gzip");
    expect(coding("*")).toBe("br");
    expect(coding("")).toBeUndefined();
    expect(coding("identity;q=1, *;q=0")).toBeUndefined();
    expect(ask("/", { acceptEncoding: "br" }).headers["vary"]).toBe("accept-encoding");
  });

  it("allows the page's own inline scripts by their hash, and no other", () => {
    const policy = String(ask("/").headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self' 'sha256-");
    expect(policy).not.toContain("unsafe-inline");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(scriptHashes(PAGE)).toHaveLength(1);
    expect(contentSecurityPolicy("<script>a</script>")).not.toBe(contentSecurityPolicy("<script>b</script>"));
    expect(ask("/_next/static/x.js").headers["content-security-policy"]).toBeUndefined();
  });

  it("leads a thread's address to the page that shows it", () => {
    const moved = ask("/threads/0190a7b2-1111-4222-8333-444455556666");
    expect([moved.status, moved.headers["location"]]).toEqual([307, "/?thread=0190a7b2-1111-4222-8333-444455556666"]);
    expect(ask("/threads/%0d%0aset-cookie:x").status).toBe(404);
  });

  it("has one address for each page", () => {
    expect([ask("/ops/").status, ask("/ops/").headers["location"]]).toEqual([308, "/ops"]);
    expect([ask("/ops.html").status, ask("/ops.html").headers["location"]]).toEqual([308, "/ops"]);
  });

  it("shows a page, uncached, for what does not exist, and never a file from elsewhere", () => {
    for (const path of ["/nope", "/../package.json", "/%2e%2e/package.json", "//evil.test", "/_next/static/../../index.html.br"]) {
      const missing = ask(path);
      expect([path, missing.status, missing.headers["cache-control"]]).toEqual([path, 404, "no-store"]);
    }
  });

  it("refuses what is no reading", () => {
    expect([ask("/", { method: "POST" }).status, ask("/", { method: "POST" }).headers["allow"]]).toEqual([405, "GET, HEAD"]);
    const head = ask("/", { method: "HEAD" });
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([200, 0, String(PAGE.length)]);
  });

  it("refuses to serve a folder without a site", () => {
    expect(() => readSite(mkdtempSync(join(tmpdir(), "netra-empty-")))).toThrow(/npm run build/);
  });
});
