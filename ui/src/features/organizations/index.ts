export { AtServer } from "./at-server";
export { JoinSheet } from "./join-sheet";
export { OrganizationsPart } from "./part";
