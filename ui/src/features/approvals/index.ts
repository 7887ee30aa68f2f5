export { Approvals } from "./place";
