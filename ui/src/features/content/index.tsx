export { ContentPlace } from "./content-place";
