import { HttpTransport } from "./http";
import { TauriTransport } from "./tauri";
import type { Transport } from "./transport";

export type { Desk } from "./desk";
export type { Door, Invitation, Invited, MailLanguage, Me, SignInSession } from "./door";
export * from "./problem";
export type { Elsewhere, Pick, Progress, Transport, Watch } from "./transport";
export { HttpTransport };

/** Whether the window is the desktop's own. */
export const isDesktop = "__TAURI_INTERNALS__" in globalThis;

/** The desktop's commands inside its window, else HTTP to where the page came from. */
export function chooseTransport(): Transport {
  return isDesktop ? new TauriTransport() : new HttpTransport(window.location.origin);
}
