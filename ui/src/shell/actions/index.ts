export { type ActionDef, type ActionId, actionIds, actions, type Section } from "./list";
export { useShortcuts } from "./listen";
export { keysOf, offerOf, useActions, useKeys, useOffered } from "./registry";
