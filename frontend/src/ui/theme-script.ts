export const THEME_KEY = "netra.theme";

/** Runs before the first paint, so that a chosen theme never flashes the other one. */
export const THEME_SCRIPT =
  `{const t=localStorage.getItem(${JSON.stringify(THEME_KEY)});` +
  `if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}`;
