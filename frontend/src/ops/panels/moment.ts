import { clock } from "../charts/TimeChart";

/** Returns the time, with its day when that is not today. */
export function moment(at: string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock(date.getTime()) : date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}
