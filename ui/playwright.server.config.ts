import base from "./playwright.config";

/** The window as a page of a real rostrum-server, each test with one of its own. */
export default {
  ...base,
  testDir: "test/server",
  timeout: 120_000,
  workers: 1,
  use: { ...base.use, actionTimeout: 10_000 },
  webServer: undefined,
};
