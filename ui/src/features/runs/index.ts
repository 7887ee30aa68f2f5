export { Workflows } from "./place";
