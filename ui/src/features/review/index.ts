export { Review } from "./page";
