const SAFE = new Set(["https:", "http:", "mailto:"]);

/**
 * Returns `href` when it may be followed, else null. Relative addresses are refused too: an agent's
 * text must not lead to an address of this very site in disguise.
 */
export function safeHref(href: string): string | null {
  let url: URL;
  try {
    url = new URL(href.trim());
  } catch {
    return null;
  }
  return SAFE.has(url.protocol) && !url.username && !url.password ? url.href : null;
}
