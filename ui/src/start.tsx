import { createRoot } from "react-dom/client";
import { makeCache } from "./data";
import { startWords } from "./i18n";
import type { Transport } from "./platform";
import { keepComposedKeys } from "./shared/composing";
import { App } from "./shell/app";
import { usePrefs, wear } from "./shell/prefs";
import { makeRouter } from "./shell/router";
import "./styles/index.css";

/** Starts the window over a transport. */
export function start(transport: Transport): void {
  keepComposedKeys();
  wear();
  startWords(usePrefs.getState().language);
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(<App transport={transport} cache={makeCache()} router={makeRouter()} />);
}
