// Letters, digits, dots, hyphens, a port, an IPv6 address; international names are in Punycode here.
const HOST = /^[a-z0-9.\-:[\]]*$/;
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
  const isHonest = !url.username && !url.password && HOST.test(url.host);
  return SAFE.has(url.protocol) && isHonest ? url.href : null;
}
