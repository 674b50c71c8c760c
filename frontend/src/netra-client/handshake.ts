/**
 * The handshake in a form that survives minification: these literals are what the socket offers
 * and what `scripts/verify_frontend_bundle.py` looks for in the chunks that are really served.
 */
export const SUBPROTOCOL = "jwt-auth";

/** Names the version of docs/protocol.md that this bundle speaks; sent in `initialize`. */
export const PROTOCOL_MARK = "netra-ws-protocol/1";

/** The version in the mark, as the wire wants it. */
export const SPOKEN_VERSION = Number(PROTOCOL_MARK.slice(PROTOCOL_MARK.indexOf("/") + 1));

/**
 * Returns base64url without padding of UTF-8 (RFC 4648 section 5): a subprotocol is an RFC 6455
 * token, in which `=` and `/` are forbidden.
 */
export function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The subprotocols that carry an access token. */
export function offerToken(accessToken: string): string[] {
  const encodedToken = base64url(accessToken);
  return [SUBPROTOCOL, "jwt." + encodedToken];
}

/** The subprotocols that carry a single-use ticket of `POST /api/auth/ws-ticket`. */
export function offerTicket(ticket: string): string[] {
  return [SUBPROTOCOL, "ticket." + ticket];
}

/** Returns the address of the socket behind the platform's `origin`, e.g. `http://localhost:8080`. */
export function socketUrl(origin: string): string {
  const url = new URL("/ws", origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
