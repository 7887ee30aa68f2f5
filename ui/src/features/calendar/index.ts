export { Calendar } from "./place";
