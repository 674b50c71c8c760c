"use client";

import { useId, useRef, useState, type FormEvent } from "react";

import { asNetraError, type NetraError } from "../netra-client/errors";
import { currentSession } from "../platform";
import { Button } from "../ui/Button";
import { Mark } from "../ui/icons";
import { Notice } from "../ui/Notice";
import styles from "./sign-in.module.css";

const MIN_PASSWORD = 15; // the identity service's rule, which it checks itself
const REASONS = {
  never: null,
  "by-person": "You are signed out.",
  ended: "Your session has ended. Sign in to continue; what you had written is still here.",
} as const;

/** Sign-in and sign-up on one card. */
export function SignIn({ reason }: { reason: keyof typeof REASONS }) {
  const [mode, setMode] = useState<"sign-in" | "sign-up">("sign-in");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<NetraError | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const isNew = mode === "sign-up";

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const email = String(fields.get("email")).trim();
    const password = String(fields.get("password"));
    setBusy(true);
    setFailure(null);
    try {
      const session = currentSession();
      if (isNew) await session.signUp(email, password, String(fields.get("name")).trim() || null);
      else await session.signIn(email, password);
    } catch (error) {
      const known = asNetraError(error);
      setFailure(known);
      setBusy(false);
      form.current?.querySelector<HTMLInputElement>(`[name=${fieldOf(known) ?? "password"}]`)?.focus();
    }
  };

  const general = failure !== null && fieldOf(failure) === null ? failure : null;
  const submitText = isNew ? "Create account" : "Sign in";
  const busyText = isNew ? "Creating your account…" : "Signing in…";
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.brand}>
          <Mark size={30} />
          <h1>Netra</h1>
        </header>
        <p className={styles.promise}>Talk to agents. What you send is never lost, and never answered twice.</p>
        {REASONS[reason] !== null && failure === null && <Notice tone="plain">{REASONS[reason]}</Notice>}
        <form ref={form} onSubmit={(event) => void submit(event)}>
          <Field name="email" type="email" label="Email address" autoComplete="username" required maxLength={254} failure={failure} />
          {isNew && <Field name="name" type="text" label="Name" hint="Optional" autoComplete="name" maxLength={80} failure={failure} />}
          <Field
            name="password" type="password" label="Password" required maxLength={128} failure={failure}
            autoComplete={isNew ? "new-password" : "current-password"}
            {...(isNew ? { minLength: MIN_PASSWORD, hint: `At least ${MIN_PASSWORD} characters; a few words do well` } : {})}
          />
          <div role="alert">{general && <Notice tone="danger">{sentence(general.message)}</Notice>}</div>
          <Button type="submit" tone="primary" disabled={busy} className={styles.submit}>
            {busy ? busyText : submitText}
          </Button>
        </form>
        <p className={styles.other}>
          {isNew ? "Already have an account?" : "New here?"}{" "}
          <button type="button" onClick={() => { setMode(isNew ? "sign-in" : "sign-up"); setFailure(null); }}>
            {isNew ? "Sign in" : "Create an account"}
          </button>
        </p>
      </div>
    </main>
  );
}

/** Returns a server's message as a sentence of the page. */
function sentence(message: string): string {
  const text = message.trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

const FIELDS: Readonly<Record<string, string>> = { email: "email", password: "password", display_name: "name" };

function fieldOf(failure: NetraError): string | null {
  if (failure.field !== undefined) return FIELDS[failure.field] ?? null;
  if (failure.code === "email_taken" || failure.code === "email_refused") return "email";
  if (failure.code === "password_refused") return "password";
  return null;
}

interface FieldProps {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly hint?: string;
  readonly autoComplete: string;
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength: number;
  readonly failure: NetraError | null;
}

function Field({ label, hint, failure, ...input }: FieldProps) {
  const id = useId();
  const wrong = failure !== null && fieldOf(failure) === input.name ? sentence(failure.message) : null;
  const described = [hint ? `${id}-hint` : "", wrong ? `${id}-wrong` : ""].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} aria-invalid={wrong !== null} {...(described ? { "aria-describedby": described } : {})} />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {wrong && <small id={`${id}-wrong`} className={styles.wrong} role="alert">{wrong}</small>}
    </div>
  );
}
