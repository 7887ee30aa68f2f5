export { SaveTemplateOf, SaveTemplateSheet } from "./save-sheet";
export { TemplatesButton, TemplatesSheet } from "./sheet";
