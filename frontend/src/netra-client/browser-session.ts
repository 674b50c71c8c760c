import { asNetraError, NetraError } from "./errors.ts";
import { requestJson } from "./http.ts";
import { REFRESH_MARGIN_MS, type AccessToken, type TokenSource } from "./tokens.ts";

/** Who is signed in. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly display_name: string | null;
  readonly roles: readonly string[];
}

export type SessionState =
  | { readonly kind: "unknown" }
  | { readonly kind: "signed-out"; readonly reason: "never" | "by-person" | "ended" }
  | { readonly kind: "signed-in"; readonly account: Account };

interface SignedInBody {
  readonly access_token: string;
  readonly expires_in: number;
  readonly user: Account;
}

type TabMessage =
  | { readonly kind: "token"; readonly token: AccessToken; readonly account: Account }
  | { readonly kind: "signed-out" };

/** Readable beside the HttpOnly cookie: that a session exists, and when its token was last renewed. */
const HINT_COOKIE = "netra_session";
const LOCK = "netra-refresh";
const IN_FLIGHT_KEY = "netra.refresh-in-flight";
// A refresh that a former page started may still be in flight; its token must not be spent twice.
const FORMER_PAGE_MS = 5_000;
const POLL_MS = 40;
// Set from a sign-out until the server has heard of it.
const LEAVING_KEY = "netra.leaving";

/**
 * The person's session in a browser: the access token lives in this object's memory alone, the
 * refresh token in an HttpOnly cookie that scripts never see. All tabs share one refresh, because
 * a refresh token that is spent twice ends its session (docs/decisions/0004).
 */
export class BrowserSession implements TokenSource {
  readonly #base: string;
  readonly #channel = new BroadcastChannel("netra-session");
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { kind: "unknown" };
  #token: AccessToken | null = null;
  #refreshing: Promise<AccessToken> | null = null;
  /** Counts sign-outs: a token that was asked for before one of them comes too late. */
  #era = 0;

  constructor(origin: string) {
    this.#base = new URL("/api/auth/browser/", origin).href;
    this.#channel.onmessage = (event: MessageEvent<TabMessage>) => {
      const message = event.data;
      if (message.kind === "signed-out") this.#forget("by-person");
      else this.#adopt(message.token, message.account);
    };
  }

  get state(): SessionState {
    return this.#state;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds out whether there is a session; without a request when the cookie shows that there is none. */
  async restore(): Promise<void> {
    if (readHint() === null) {
      localStorage.removeItem(LEAVING_KEY);
      this.#forget("never");
      return;
    }
    if (localStorage.getItem(LEAVING_KEY) !== null) {
      this.#forget("by-person"); // the cookie is still there because the server was unavailable
      await this.#leave();
      return;
    }
    await this.token();
  }

  async signUp(email: string, password: string, displayName: string | null): Promise<void> {
    const body = { email, password, ...(displayName === null ? {} : { display_name: displayName }) };
    this.#signedIn(await this.#post("register", body));
    localStorage.removeItem(LEAVING_KEY);
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#signedIn(await this.#post("login", { email, password }));
    localStorage.removeItem(LEAVING_KEY);
  }

  /**
   * Ends the session on the server and in every tab. The tabs forget even if the server is unavailable;
   * then the next page notifies it.
   */
  async signOut(): Promise<void> {
    remember(LEAVING_KEY, "1");
    this.#forget("by-person");
    this.#channel.postMessage({ kind: "signed-out" } satisfies TabMessage);
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await requestJson(`${this.#base}logout`, { method: "POST", keepalive: true });
    localStorage.removeItem(LEAVING_KEY);
  }

  /** Notes that the server has ended the session: signed out elsewhere, or revoked. */
  ended(): void {
    this.#forget("ended");
  }

  async token(notThis?: string): Promise<AccessToken> {
    if (this.#state.kind === "signed-out") throw signedOut();
    const token = this.#token;
    if (token && token.value !== notThis && token.expiresAt - REFRESH_MARGIN_MS > Date.now()) return token;
    this.#refreshing ??= this.#refreshAlone(notThis).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  #refreshAlone(notThis: string | undefined): Promise<AccessToken> {
    return navigator.locks.request(LOCK, async () => {
      // Another tab may have refreshed while this one waited for the lock.
      const token = this.#token;
      if (token && token.value !== notThis && token.expiresAt - REFRESH_MARGIN_MS > Date.now()) return token;
      await formerPage();
      remember(IN_FLIGHT_KEY, JSON.stringify({ since: Date.now(), hint: readHint() }));
      const era = this.#era;
      try {
        const fresh = await this.#post("refresh");
        if (era !== this.#era) throw signedOut();
        return this.#signedIn(fresh);
      } catch (reason) {
        const error = asNetraError(reason);
        if (error.status !== 401 && error.status !== 403) throw error;
        this.#forget("ended");
        throw new NetraError("signed_out", error.message, { retry: "never", status: error.status });
      } finally {
        localStorage.removeItem(IN_FLIGHT_KEY);
      }
    });
  }

  async #post(path: string, body?: object): Promise<SignedInBody> {
    const request = { method: "POST" as const, keepalive: true, ...(body ? { body } : {}) };
    return (await requestJson(this.#base + path, request)) as SignedInBody;
  }

  #signedIn(body: SignedInBody): AccessToken {
    const token = { value: body.access_token, expiresAt: Date.now() + body.expires_in * 1000 };
    this.#adopt(token, body.user);
    this.#channel.postMessage({ kind: "token", token, account: body.user } satisfies TabMessage);
    return token;
  }

  #adopt(token: AccessToken, account: Account): void {
    this.#token = token;
    const before = this.#state;
    if (before.kind === "signed-in" && JSON.stringify(before.account) === JSON.stringify(account)) return;
    this.#change({ kind: "signed-in", account });
  }

  #forget(reason: "never" | "by-person" | "ended"): void {
    this.#era += 1;
    this.#token = null;
    if (this.#state.kind !== "signed-out") this.#change({ kind: "signed-out", reason });
  }

  #change(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function signedOut(): NetraError {
  return new NetraError("signed_out", "No one is signed in.", { retry: "never" });
}

/** Leaves a note for the next page, if there is room: a full storage must not prevent a sign-out. */
function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then the next page does not know.
  }
}

function readHint(): string | null {
  const prefix = `${HINT_COOKIE}=`;
  const found = document.cookie.split("; ").find((one) => one.startsWith(prefix));
  return found?.slice(prefix.length) || null;
}

/** Waits for the cookie of a refresh that the page before this one left behind, if there is one. */
async function formerPage(): Promise<void> {
  const text = localStorage.getItem(IN_FLIGHT_KEY);
  if (text === null) return;
  let since = 0;
  let hint: string | null = null;
  try {
    ({ since, hint } = JSON.parse(text) as { since: number; hint: string | null });
  } catch {
    return; // not ours
  }
  while (readHint() === hint && Date.now() - since < FORMER_PAGE_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
