import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["test-support/platform.ts"],
    include: ["src/**/*.test.{ts,tsx}", "server/**/*.test.ts", "scripts/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Its own second is short beside a whole test suite.
    expect: { poll: { timeout: 20_000 } },
  },
});
