import type { NextConfig } from "next";

import { buildIdentity } from "./scripts/identity.ts";

const identity = buildIdentity();

const isDevelopment = process.env.NODE_ENV === "development";

const config: NextConfig = {
  // Plain files: docs/decisions says what was measured against a Node server that renders. The
  // development server instead sends what is not its own to a running platform.
  ...(isDevelopment ? { rewrites: () => Promise.resolve(toThePlatform()) } : { output: "export" }),
  trailingSlash: false,
  reactStrictMode: true,
  poweredByHeader: false,
  images: { unoptimized: true },
  generateBuildId: () => identity.digest.slice(0, 16),
  env: { NEXT_PUBLIC_NETRA_DIGEST: identity.digest, NEXT_PUBLIC_NETRA_VERSION: identity.version },
};

function toThePlatform(): { source: string; destination: string }[] {
  const platform = process.env["NETRA_URL"] ?? "http://localhost:8080";
  return ["/api/:path*", "/health/:path*", "/ws"].map((source) => ({ source, destination: platform + source }));
}

export default config;
