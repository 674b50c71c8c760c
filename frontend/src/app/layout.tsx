import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

import "../design/tokens.css";
import "../design/base.css";
import { THEME_SCRIPT } from "../ui/theme-script";

export const metadata: Metadata = {
  title: "Netra",
  description: "Talk to agents whose answers survive reconnects, deploys and outages.",
  referrer: "no-referrer",
  formatDetection: { telephone: false, email: false, address: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f5f1" },
    { media: "(prefers-color-scheme: dark)", color: "#131614" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* oxlint-disable-next-line react/no-danger -- a constant of ours, allowed by its hash */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <noscript>Netra needs JavaScript: answers stream into the page. Switch it on for this site, or use the terminal: netra chat.</noscript>
        {children}
      </body>
    </html>
  );
}
