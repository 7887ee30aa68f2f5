import type { ReviewView, Role, Verdict } from "@/bindings";
import type { Wire } from "./wire";

/** A login's place in an organization. */
export interface Place {
  organization: string;
  organization_name: string;
  person: string;
  name: string;
  role: Role;
}

/** Who is signed in. */
export interface Me {
  login: string;
  email: string;
  name: string;
  second_factor: boolean;
  recovery_codes: number;
  organizations: Place[];
}

/** What an invitation is to. */
export interface Invited {
  organization: string;
  role: Role;
  email: string | null;
  invited_by: string | null;
  ends_at: string;
}

export interface Invitation {
  id: string;
  email: string | null;
  role: Role;
  created_at: string;
  ends_at: string;
}

export interface SignInSession {
  id: string;
  agent: string;
  address: string;
  created_at: string;
  used_at: string;
  current: boolean;
}

/** The way in to a server and its organizations: only where the window is one of its pages. */
export class Door {
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  get organization(): string | undefined {
    return this.wire.organization;
  }

  /** Shows another organization; the page begins anew, so that nothing of the old one stays. */
  enter(organization: string): void {
    this.wire.organization = organization;
    window.location.assign("/");
  }

  /** Where a person's archive is downloaded. */
  exportOf(person: string): string {
    return this.wire.address(`/exports/people/${person}`);
  }

  me(): Promise<Me> {
    return this.ask("GET", "/auth/me");
  }

  async signIn(given: { email: string; password: string; code?: string }): Promise<void> {
    await this.wire.post("/auth/login", { ...given, cookie: true });
  }

  async register(given: {
    name: string;
    email: string;
    password: string;
    invitation: string;
  }): Promise<void> {
    this.wire.organization = undefined;
    await this.wire.post("/auth/register", { ...given, cookie: true });
  }

  async signOut(): Promise<void> {
    await this.wire.post("/auth/logout", {});
    this.wire.organization = undefined;
    window.location.assign("/");
  }

  look(invitation: string): Promise<Invited> {
    return this.ask("POST", "/auth/invitation", { invitation });
  }

  join(invitation: string): Promise<{ organization: string }> {
    return this.ask("POST", "/auth/join", { invitation });
  }

  async reset(token: string, password: string): Promise<void> {
    await this.wire.post("/auth/reset", { token, password });
  }

  async changePassword(old: string, fresh: string): Promise<void> {
    await this.wire.post("/auth/password", { old, new: fresh });
  }

  sessions(): Promise<SignInSession[]> {
    return this.ask("GET", "/auth/sessions");
  }

  async endSession(id: string): Promise<void> {
    await this.wire.send("DELETE", `/auth/sessions/${id}`);
  }

  beginSecondFactor(password: string): Promise<{ secret: string; address: string }> {
    return this.ask("POST", "/auth/mfa/totp", { password });
  }

  confirmSecondFactor(code: string): Promise<{ recovery_codes: string[] }> {
    return this.ask("POST", "/auth/mfa/totp/confirm", { code });
  }

  async removeSecondFactor(password: string, code: string): Promise<void> {
    await this.wire.post("/auth/mfa/totp/remove", { password, code });
  }

  invitations(organization: string): Promise<Invitation[]> {
    return this.ask("GET", `/organizations/${organization}/invitations`);
  }

  invite(
    organization: string,
    given: { role: Role; email?: string },
  ): Promise<{ invitation: Invitation; link: string }> {
    return this.ask("POST", `/organizations/${organization}/invitations`, given);
  }

  async withdraw(organization: string, id: string): Promise<void> {
    await this.wire.send("DELETE", `/organizations/${organization}/invitations/${id}`);
  }

  /** What a link for somebody from outside shows. */
  review(link: string): Promise<ReviewView> {
    return this.ask("POST", "/review", { link });
  }

  reviewDecide(
    link: string,
    said: { hash: string; verdict: Verdict; comment: string },
  ): Promise<ReviewView> {
    return this.ask("POST", "/review/decision", { link, ...said });
  }

  reviewNote(link: string, said: { hash: string; text: string }): Promise<ReviewView> {
    return this.ask("POST", "/review/note", { link, ...said });
  }

  reviewPicture(link: string, hash: string): Promise<Blob> {
    return this.wire.bytes("/review/picture", { link, hash });
  }

  private ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.wire.send(method, path, body) as Promise<T>;
  }
}
