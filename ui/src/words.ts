import type en from "./locales/en.json";

/** A key of the catalog without its plural ending. */
export type WordKey = keyof typeof en extends infer K
  ? K extends `${infer Base}_one` | `${infer Base}_other`
    ? Base | (K & string)
    : K & string
  : never;
