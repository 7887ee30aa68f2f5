import { isProblem, ProblemError } from "./problem";

const ORGANIZATION = "rostrum.organization";

/** Requests to the server from which the page came, under its cookies, for one organization. */
export class Wire {
  private readonly base: string;
  private renewing: Promise<boolean> | undefined;

  constructor(base: string) {
    this.base = base.replace(/\/$/, "");
  }

  /** The organization that is meant; the login's first one when nobody has chosen. */
  get organization(): string | undefined {
    try {
      return localStorage.getItem(ORGANIZATION) ?? undefined;
    } catch {
      return undefined;
    }
  }

  set organization(id: string | undefined) {
    try {
      if (id === undefined) localStorage.removeItem(ORGANIZATION);
      else localStorage.setItem(ORGANIZATION, id);
    } catch {
      // A browser that keeps nothing shows the first one.
    }
  }

  /** An address for what the browser itself asks for: it sends no header of ours. */
  address(path: string): string {
    const id = this.organization;
    return `${this.base}${path}${id ? `?organization=${id}` : ""}`;
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.send("POST", path, body);
  }

  /** Throws `ProblemError` for every refusal. An access that has run out is renewed once. */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    try {
      return await this.once(method, path, body);
    } catch (error) {
      const over = error instanceof ProblemError && error.code === "signed_out";
      if (!over || path === "/auth/refresh" || !(await this.renew())) throw error;
      return this.once(method, path, body);
    }
  }

  /** Brings a new access; whether there was one. Windows of one browser take turns. */
  renew(): Promise<boolean> {
    const ask = () =>
      this.once("POST", "/auth/refresh", {}).then(
        () => true,
        () => false,
      );
    const turn = navigator.locks ? navigator.locks.request("rostrum.renew", ask) : ask();
    this.renewing ??= turn.finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  /** Bytes that are asked for with words in the body, by nobody who is signed in. */
  async bytes(path: string, body: unknown): Promise<Blob> {
    let response: Response;
    try {
      response = await fetch(`${this.base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.ok) return await response.blob();
    } catch {
      throw unreachable();
    }
    const value = parsed(await response.text());
    throw isProblem(value) ? new ProblemError(value) : unreachable();
  }

  private async once(method: string, path: string, body: unknown): Promise<unknown> {
    let response: Response;
    let text: string;
    const organization = this.organization;
    try {
      response = await fetch(`${this.base}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(organization ? { "rostrum-organization": organization } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch {
      throw unreachable();
    }
    const value = parsed(text);
    if (response.ok) return value;
    throw isProblem(value) ? new ProblemError(value) : unreachable();
  }
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    throw unreachable();
  }
}

function unreachable(): ProblemError {
  return new ProblemError({
    code: "unreachable",
    message: "Rostrum's core did not answer.",
    retryable: true,
  });
}
