// What the package `netra-client` offers.

export { NetraAgent } from "./agent.ts";
export { BrowserSession, type Account, type SessionState } from "./browser-session.ts";
export { NetraClient, type InterruptAnswer, type ResumeOrder, type RunOrder } from "./client.ts";
export { CLOSE_CODES, PROTOCOL_VERSION, RPC_ERRORS, type CloseCode, type RetryClass, type RpcErrorCode } from "./codes.generated.ts";
export { NetraError } from "./errors.ts";
export type { ThreadListener } from "./followers.ts";
export { offerTicket, offerToken, PROTOCOL_MARK, SUBPROTOCOL } from "./handshake.ts";
export { DEFAULT_TIMEOUTS, type ClientOptions, type Timeouts } from "./options.ts";
export { Outbox, type OutboxEntry, type OutboxStorage } from "./outbox.ts";
export { DEFAULT_POLICY, type ReconnectPolicy } from "./retry.ts";
export type { ConnectionState } from "./state.ts";
export { browserSurroundings, STEADY, type Surroundings } from "./surroundings.ts";
export { Threads, type Page, type Run, type StoredMessage, type Thread, type TokenUsage } from "./threads.ts";
export type { AccessToken, TokenSource } from "./tokens.ts";
export type { Position, StartedRun, Subscribed, ThreadEvent } from "./wire.ts";
