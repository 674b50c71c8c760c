// Text as the server stores it (netra_shared/text.py): UTF-8 has no lone surrogates (RFC 3629,
// section 3), PostgreSQL no U+0000.

/** Returns `text` with each lone surrogate as U+FFFD and without U+0000. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** Returns whether nothing of `text` is visible: white space, control, bidirectional and zero-width characters. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Cf}\u115F\u1160\u2800\u3164]*$/u.test(text.toWellFormed());
}

/** Returns `value` as JSON; every string in it is well-formed. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "string" ? wellFormed(item) : item));
}
