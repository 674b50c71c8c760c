import { CLOSE_CODES, RPC_ERRORS, type RetryClass } from "./codes.generated.ts";

/** What is known of a failure beside its code. Times are milliseconds. */
export interface FailureDetails {
  readonly retry: RetryClass;
  readonly retryAfterMs?: number;
  readonly field?: string;
  readonly errorId?: string;
  readonly closeCode?: number;
  readonly status?: number;
}

/**
 * Everything that this package rejects with.
 *
 * `code` is stable (docs/protocol.md sections 1, 2 and 6, and the codes of the REST problems), or
 * one of `connection_lost`, `deadline_passed`, `offline`, `signed_out`, `closed`,
 * `protocol_violation`, which only a client can know.
 */
export class NetraError extends Error {
  readonly code: string;
  readonly retry: RetryClass;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;
  readonly errorId: string | undefined;
  readonly closeCode: number | undefined;
  readonly status: number | undefined;

  constructor(code: string, message: string, details: FailureDetails) {
    super(message);
    this.name = "NetraError";
    this.code = code;
    this.retry = details.retry;
    this.retryAfterMs = details.retryAfterMs;
    this.field = details.field;
    this.errorId = details.errorId;
    this.closeCode = details.closeCode;
    this.status = details.status;
  }
}

/** No close frame came (RFC 6455 section 7.1.5): a lost network or a killed instance. */
export const ABNORMAL_CLOSURE = 1006;

/** A frame of ours broke RFC 6455 or was not UTF-8: the next one would too. */
const BROKEN_FRAMES: ReadonlySet<number> = new Set([1002, 1007]);

/** Returns the failure that a close frame reports. */
export function closeFailure(code: number, reason: string): NetraError {
  const known = CLOSE_CODES.get(code);
  if (known !== undefined) {
    const errorId = /^error_id=(\S+)$/.exec(reason)?.[1];
    // The handshake's refusals carry the exact code as the reason, with a hint where there is one.
    const [, exact, hint] = /^([a-z]+(?:_[a-z]+)+)(?: retryAfterMs=(\d+))?$/.exec(reason) ?? [];
    return new NetraError(exact ?? known.name, known.meaning, {
      retry: known.retry,
      closeCode: code,
      ...(hint === undefined ? {} : { retryAfterMs: Number(hint) }),
      ...(errorId === undefined ? {} : { errorId }),
    });
  }
  if (BROKEN_FRAMES.has(code)) {
    return new NetraError("protocol_violation", `The server could not read a frame (${code}).`, {
      retry: "never",
      closeCode: code,
    });
  }
  return new NetraError("connection_lost", `The connection ended without a reason (${code}).`, {
    retry: "backoff",
    closeCode: code,
  });
}

/** The `error` member of a JSON-RPC answer. */
export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: {
    readonly code?: string;
    readonly retry?: RetryClass;
    readonly retryAfterMs?: number | null;
    readonly field?: string | null;
    readonly errorId?: string | null;
  };
}

/** Returns the failure that a JSON-RPC error reports. */
export function rpcFailure(body: RpcErrorBody): NetraError {
  const row = RPC_ERRORS.get(body.code);
  const data = body.data ?? {};
  return new NetraError(data.code ?? row?.name ?? "rpc_error", body.message, {
    retry: data.retry ?? row?.retry ?? "never",
    ...(data.retryAfterMs == null ? {} : { retryAfterMs: data.retryAfterMs }),
    ...(data.field == null ? {} : { field: data.field }),
    ...(data.errorId == null ? {} : { errorId: data.errorId }),
  });
}

/** Returns `reason` as a NetraError; anything unknown is a defect of this client. */
export function asNetraError(reason: unknown): NetraError {
  if (reason instanceof NetraError) return reason;
  const message = reason instanceof Error ? reason.message : String(reason);
  return new NetraError("client_defect", message, { retry: "never" });
}

// RFC 6455 section 7.4.1: protocol error, unsupported data, not UTF-8, too large; and Netra's 4400.
const CLOSE_CODES_OF_FRAMES = new Set([1002, 1003, 1007, 1009, 4400]);

/** Whether a frame that was sent ended the connection: the next one works, unless it is sent again. */
export function blamesAFrame(error: NetraError): boolean {
  return error.closeCode !== undefined && CLOSE_CODES_OF_FRAMES.has(error.closeCode);
}
