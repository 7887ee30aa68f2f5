export { Personas } from "./place";
