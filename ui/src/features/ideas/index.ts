export { Ideas } from "./place";
