// The package as others get it: built, without its sources, in a plain Node.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const HERE = import.meta.dirname;
const FRONTEND = join(HERE, "..", "..");

it("is built, imported and works without this project around it", () => {
  const place = mkdtempSync(join(tmpdir(), "netra-client-"));
  const folder = join(place, "node_modules", "netra-client");
  const tsc = join(FRONTEND, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", HERE, "--outDir", join(folder, "dist")]);
  cpSync(join(HERE, "package.json"), join(folder, "package.json"));
  for (const name of ["@ag-ui", "rxjs"]) symlinkSync(join(FRONTEND, "node_modules", name), join(place, "node_modules", name));
  const script = `
    import { NetraAgent, NetraClient, offerToken, PROTOCOL_VERSION } from "netra-client";
    const client = new NetraClient({ origin: "http://localhost:1", tokens: { token: async () => ({ value: "x", expiresAt: 0 }) } });
    const agent = new NetraAgent(client, { threadId: "t" });
    process.stdout.write(JSON.stringify([client.state.kind, agent.threadId, offerToken("a"), PROTOCOL_VERSION]));
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: place, encoding: "utf8" });
  expect(JSON.parse(said)).toEqual(["idle", "t", ["jwt-auth", "jwt.YQ"], 1]);
  const files = readdirSync(join(folder, "dist"));
  expect(files).toContain("index.d.ts");
  expect(files.filter((name) => name.includes("test"))).toEqual([]);
});
