import { expect, test } from "vitest";
import { startWords } from "@/i18n";
import { lasting, optionChanges, optionLines } from "./options";

const { t } = startWords("en");

test("a time is said in the largest unit that says it exactly", () => {
  expect([1440, 4320, 60, 90, 5].map((minutes) => lasting(minutes, t))).toEqual([
    "1 day",
    "3 days",
    "1 hour",
    "90 minutes",
    "5 minutes",
  ]);
});

test("every choice is a line in words", () => {
  const lines = optionLines(
    {
      no_card: true,
      visibility: "followers",
      content_warning: "Storm",
      labels: ["graphic-media", "of-tomorrow"],
      poll: { choices: ["Yes", "No"], minutes: 60, multiple: true },
    },
    t,
  );
  expect(lines.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    "Readers: Followers only",
    "Warning: “Storm”",
    "Label: Graphic, of-tomorrow",
    "Poll: “Yes”, “No” · 1 hour · Several can be taken",
  ]);
});

test("what came, what went and what is other is a change, and nothing else", () => {
  const changes = optionChanges(
    { replies: "everyone", content_warning: "Storm", made_with_ai: true },
    { replies: "nobody", made_with_ai: true, quotes_off: true },
    t,
  );
  expect(changes.map(({ key, was, now }) => [key, was, now])).toEqual([
    ["replies", "Everyone", "Nobody"],
    ["quotes", undefined, "Off"],
    ["content_warning", "“Storm”", undefined],
  ]);
  expect(optionChanges(undefined, {}, t)).toEqual([]);
});
