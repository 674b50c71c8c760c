import type { ComponentProps } from "react";

import { classes } from "./classes";
import styles from "./ui.module.css";

interface ButtonProps extends ComponentProps<"button"> {
  readonly tone?: "plain" | "primary" | "danger" | "quiet";
  readonly small?: boolean;
}

export function Button({ tone = "plain", small = false, className, type = "button", ...rest }: ButtonProps) {
  const look = tone === "plain" ? null : styles[tone];
  return <button type={type} className={classes(styles.button, look, small && styles.small, className)} {...rest} />;
}

/** A button that is only an icon; `label` is its name for everyone who cannot see it. */
export function IconButton({ label, className, type = "button", ...rest }: ComponentProps<"button"> & { readonly label: string }) {
  return <button type={type} aria-label={label} title={label} className={classes(styles.iconButton, className)} {...rest} />;
}
