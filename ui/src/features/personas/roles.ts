import type { Role } from "@/bindings";

/** What a person can be, most first. */
export const ROLES: readonly Role[] = ["owner", "admin", "approver", "creator", "viewer"];
