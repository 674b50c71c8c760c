import type { NextConfig } from "next";

import { buildIdentity } from "./scripts/identity.ts";

const identity = buildIdentity();

const config: NextConfig = {
  // Plain files: docs/decisions says what was measured against a Node server that renders.
  output: "export",
  trailingSlash: false,
  reactStrictMode: true,
  poweredByHeader: false,
  images: { unoptimized: true },
  generateBuildId: () => identity.digest.slice(0, 16),
  env: { NEXT_PUBLIC_NETRA_DIGEST: identity.digest, NEXT_PUBLIC_NETRA_VERSION: identity.version },
};

export default config;
