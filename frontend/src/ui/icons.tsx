// Line icons of one weight, drawn for this page on a grid of 20.

import type { ReactNode } from "react";

function icon(paths: ReactNode) {
  return function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6"
        strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
        {paths}
      </svg>
    );
  };
}

export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const SendIcon = icon(<path d="M10 16V4.5M5 9l5-5 5 5" />);
export const StopIcon = icon(<rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" />);
export const CopyIcon = icon(<><rect x="7" y="7" width="9" height="9" rx="1.5" /><path d="M13 4.5V4H4v9h.5" /></>);
export const CheckIcon = icon(<path d="M4.5 10.5 8 14l7.5-8" />);
export const RetryIcon = icon(<path d="M15.5 8A6 6 0 1 0 16 11M16 4v4h-4" />);
export const EditIcon = icon(<path d="m12.5 4.5 3 3L7 16H4v-3zM11 6l3 3" />);
export const TrashIcon = icon(<path d="M4 6h12M8 6V4h4v2M6 6l.6 10h6.8L14 6" />);
export const SearchIcon = icon(<><circle cx="9" cy="9" r="4.8" /><path d="m13 13 3.5 3.5" /></>);
export const MenuIcon = icon(<path d="M3.5 6h13M3.5 10h13M3.5 14h13" />);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const ChevronIcon = icon(<path d="m8 5 5 5-5 5" />);
export const BackIcon = icon(<path d="m12 5-5 5 5 5" />);
export const SettingsIcon = icon(<><path d="M3.5 6h8M15.5 6h1M3.5 14h1M8.5 14h8" /><circle cx="13.5" cy="6" r="2" /><circle cx="6.5" cy="14" r="2" /></>);
export const DownIcon = icon(<path d="M10 4v11M5 10.5l5 5 5-5" />);
export const SunIcon = icon(<><circle cx="10" cy="10" r="3.2" /><path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4" /></>);
export const MoonIcon = icon(<path d="M15.5 12A6.2 6.2 0 0 1 8 4.5a6.2 6.2 0 1 0 7.5 7.5z" />);
export const AutoIcon = icon(<><circle cx="10" cy="10" r="6" /><path d="M10 4a6 6 0 0 0 0 12z" fill="currentColor" stroke="none" /></>);
export const PulseIcon = icon(<path d="M2.5 10.5h3L8 5l3.5 10 2.5-6 1 1.5h2.5" />);
export const ToolIcon = icon(<path d="M12 3.5a4 4 0 0 0-3.6 5.6L3.5 14v2.5H6l4.9-4.9A4 4 0 0 0 16.4 7L14 9l-2.5-.5L11 6z" />);
export const ThoughtIcon = icon(<path d="M6 14.5c-2.2-.4-3.5-2-3.5-4C2.500 7.500 5.500 5 10 5s7.500 2.500 7.500 5.500S14.500 16 10 16c-.8 0-1.500 0-2.300-.2L5 17z" />);
export const KeyboardIcon = icon(<><rect x="2.5" y="5.5" width="15" height="9" rx="1.5" /><path d="M5.500 8.500h.01M8.500 8.500h.01M11.500 8.500h.01M14.500 8.500h.01M6.500 11.500h7" /></>);
export const LeaveIcon = icon(<path d="M8 4H4v12h4M12.500 6.500 16 10l-3.500 3.500M16 10H8" />);

/** The mark: a stream that continues after a break. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
      <path d="M4 19V6.500L10 14" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M14.200 12.500 20 19V5" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="12.100" cy="13.200" r="1.500" fill="var(--accent)" />
    </svg>
  );
}
