/** An access token and when it ends, in Unix milliseconds of this machine's clock. */
export interface AccessToken {
  readonly value: string;
  readonly expiresAt: number;
}

/** Where access tokens come from. */
export interface TokenSource {
  /**
   * Returns a token that is good for a while yet.
   *
   * @param notThis a token that the server refused: return another one
   * @throws NetraError `signed_out` when only the person can help
   */
  token(notThis?: string): Promise<AccessToken>;
}

/** A token is renewed this long before it ends: one round trip, and clocks that disagree. */
export const REFRESH_MARGIN_MS = 60_000;
