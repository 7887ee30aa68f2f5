export { Beside, NotedReading, NoteOnPicture, useHighlights } from "./beside";
export { NotesSection } from "./section";
