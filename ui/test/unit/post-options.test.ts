import { expect, test } from "vitest";
import type { Account, Network, Options } from "@/bindings";
import {
  choose,
  durationsOf,
  networksOf,
  newPoll,
  offeredTo,
} from "@/features/compose/inspector/options/model";
import { emptyBody, tabsOf } from "@/features/compose/model";
import { choicesOf, pollOf } from "../fixtures/choices";

const network = (id: string): Network =>
  ({ id, choices: choicesOf(id), limits: { poll: pollOf(id) } }) as Network;
const networks = ["bluesky", "mastodon", "site", "x", "linkedin"].map(network);
const account = (id: string, on: string, poll = pollOf(on)) =>
  ({ id, network: on, limits: { poll } }) as Account;

test("only what a network has that gets the text is offered, and by whom", () => {
  const offered = offeredTo(["bluesky", "x"], networks, []);
  expect(offered.visibility).toEqual([]);
  expect(offered.content_warning).toEqual([]);
  expect(offered.made_with_ai).toEqual(["x"]);
  expect(offered.replies.map(({ value, on }) => [value, on.join(" ")])).toEqual([
    ["everyone", "bluesky x"],
    ["mentioned", "bluesky x"],
    ["following", "bluesky x"],
    ["followers", "bluesky"],
    ["nobody", "bluesky"],
    ["verified", "x"],
    ["subscribers", "x"],
  ]);
  const nothing = offeredTo(["linkedin"], networks, []);
  expect([nothing.replies, nothing.polls, nothing.poll]).toEqual([[], [], undefined]);
});

test("the shared text speaks for those without a text of their own", () => {
  const accounts = [account("b", "bluesky"), account("s", "site")];
  const body = {
    ...emptyBody(["b", "s"], "en"),
    variants: { "network:bluesky": { segments: [], options: {} } },
  };
  const tabs = tabsOf(body, accounts, ["x"]);
  expect(tabs.map((tab) => networksOf(tab, tabs))).toEqual([
    ["site", "x"],
    ["bluesky"],
    ["site"],
    ["x"],
  ]);
});

test("a poll fits every network of the text, by each account's own limits", () => {
  const strict = pollOf("mastodon");
  const accounts = [account("m", "mastodon", strict && { ...strict, max_choices: 3 })];
  const { poll, polls } = offeredTo(["mastodon", "x", "site"], networks, accounts);
  expect(polls).toEqual(["mastodon", "x"]);
  expect(poll).toMatchObject({
    max_choices: 3,
    max_choice_length: 25,
    max_minutes: 10_080,
    multiple: false,
  });
  expect(durationsOf(poll, 90)).toEqual([5, 30, 60, 90, 360, 720, 1440, 4320, 10_080]);
  if (!poll) throw new Error("no poll");
  expect(newPoll({ ...poll, max_minutes: 60 })).toEqual({ choices: ["", ""], minutes: 60 });
});

test("what is chosen back leaves no trace", () => {
  const before: Options = { no_card: true };
  const chosen = choose(before, { replies: "nobody", content_warning: "Storm" });
  expect(chosen).toEqual({ no_card: true, replies: "nobody", content_warning: "Storm" });
  expect(
    choose(chosen, { replies: undefined, content_warning: "", sensitive: false, labels: [] }),
  ).toEqual({ no_card: true });
});
