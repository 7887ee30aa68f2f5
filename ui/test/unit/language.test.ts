import { expect, test } from "vitest";
import { languageOf } from "../../src/language";

test("a computer without a language speaks English", () => {
  for (const tag of ["C", "POSIX", "", undefined, "c-utf8-"]) expect(languageOf(tag)).toBe("en");
});

test("a language tag stays what it is", () => {
  expect(languageOf("de-AT")).toBe("de-AT");
  expect(languageOf("pt-br")).toBe("pt-BR");
});
