import { defineConfig } from "@playwright/test";

/** The window over samples, in Debian's Chromium: every place, light and dark, by keyboard. */
export default defineConfig({
  testDir: "test/e2e",
  timeout: 30_000,
  retries: process.env.CI ? 2 : 0,
  workers: 2,
  outputDir: "test-results",
  reporter: [["list"]],
  use: {
    baseURL: "http://127.0.0.1:5173",
    viewport: { width: 1440, height: 900 },
    timezoneId: "Europe/Berlin",
    locale: "en-US",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    },
  },
  webServer: {
    command: "npm run dev",
    url: "http://127.0.0.1:5173/dev/window.html",
    reuseExistingServer: true,
  },
});
