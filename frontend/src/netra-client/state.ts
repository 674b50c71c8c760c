import type { NetraError } from "./errors.ts";

/** The state of the connection, as it can be shown to a person. Times are Unix ms. */
export type ConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly attempt: number }
  | {
      readonly kind: "live";
      readonly connectionId: string;
      readonly instanceId: string;
      readonly revision: string | null;
    }
  | { readonly kind: "waiting"; readonly until: number; readonly cause: NetraError }
  | { readonly kind: "offline" }
  | { readonly kind: "closed"; readonly error: NetraError | null };
