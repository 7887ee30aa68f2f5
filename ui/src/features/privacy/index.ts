export { EraseDialog } from "./erase";
export { ExportData } from "./export";
export { Privacy } from "./privacy";
