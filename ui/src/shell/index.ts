export { type ActionId, keysOf, offerOf, useActions, useKeys } from "./actions";
export { Bar, FilterRow, NewPost, Page } from "./bar";
export { hits } from "./find";
export { FolderField } from "./folder-field";
export { pathOf, useGo, type Where } from "./go";
export { sayGoing } from "./notices";
export { Found } from "./palette";
export { ProblemState, sayProblem } from "./problem";
export type { QueueSearch, QueueView } from "./router";
export { useSubject } from "./session";
export { useList } from "./use-list";

export { useNarrow } from "./width";
