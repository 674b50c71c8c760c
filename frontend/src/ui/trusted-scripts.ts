// Scripts that are loaded later. Turbopack gives the address of such a script to its element as a
// plain string, which Trusted Types refuse; the default policy
// (w3c.github.io/trusted-types/dist/spec/#default-policy-hdr) admits the scripts of this build and
// nothing else. It makes no HTML and no code from strings.

interface PolicyFactory {
  readonly defaultPolicy?: unknown;
  createPolicy(name: string, rules: { createScriptURL(url: string): string | null }): unknown;
}

const CHUNK = /^\/_next\/static\/[\w./~-]+\.js$/;

/** Returns the address when it is a script of this build, else null, which makes the browser refuse it. */
export function ownScript(url: string, origin: string): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url, origin);
  } catch {
    return null;
  }
  return parsed.origin === origin && CHUNK.test(parsed.pathname) ? parsed.href : null;
}

/** Installs the policy; browsers without Trusted Types need none. */
export function admitOwnScripts(): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (factory === undefined || factory.defaultPolicy) return;
  factory.createPolicy("default", { createScriptURL: (url) => ownScript(url, location.origin) });
}
