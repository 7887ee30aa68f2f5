export * from "./core";
export { followEvents } from "./events";
export { newId } from "./ids";
export * from "./organizations";
