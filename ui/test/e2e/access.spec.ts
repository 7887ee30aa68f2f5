import { expect, type Page } from "@playwright/test";
import { screens, shot } from "./screens";
import { open, test } from "./window";

/** How far the page and the place are wider than what is seen of them. */
const over = (page: Page) =>
  page.evaluate(() => {
    const main = document.querySelector("main");
    return {
      page: document.documentElement.scrollWidth - window.innerWidth,
      main: main ? main.scrollWidth - main.clientWidth : 0,
    };
  });

/**
 * Controls that cannot be brought into sight: outside of the window even when scrolled to, or
 * hidden by something that lies over them.
 */
const lost = (page: Page) =>
  page.evaluate(() => {
    const sheet = [...document.querySelectorAll("[role=dialog],[role=alertdialog]")].at(-1);
    const within = sheet ?? document;
    const controls = within.querySelectorAll<HTMLElement>(
      "button,a[href],input,textarea,select,[role=button],[role=tab],[role=radio],[role=switch],[role=checkbox],[role=option]",
    );
    const gone: string[] = [];
    for (const control of controls) {
      if (control.closest("[inert],[aria-hidden=true]")) continue;
      if (!control.checkVisibility({ visibilityProperty: true })) continue;
      control.scrollIntoView({ block: "center", inline: "center" });
      const box = control.getBoundingClientRect();
      // For screen readers alone.
      if (box.width <= 1 || box.height <= 1) continue;
      const x = box.left + Math.min(box.width, 24) / 2;
      const y = box.top + Math.min(box.height, 24) / 2;
      const there = document.elementFromPoint(x, y);
      const seen =
        there !== null &&
        (control.contains(there) || there.contains(control) || there.closest("label") !== null);
      if (!seen) {
        const by = there ? there.outerHTML.slice(0, 90) : "the window's edge";
        const name = control.getAttribute("aria-label") ?? control.textContent ?? "";
        gone.push(`${control.tagName} “${name.trim()}” is under ${by}`);
      }
    }
    return gone;
  });

for (const { name, show } of screens) {
  test(`at 200 % nothing is lost and nothing scrolls sideways: ${name}`, async ({ page }) => {
    // A window of 1280 by 800 at twice the size.
    await page.setViewportSize({ width: 640, height: 400 });
    await show(page);
    await page.waitForTimeout(300);
    await shot(page, `zoom ${name}`);
    expect(await over(page)).toEqual({ page: 0, main: 0 });
    expect(await lost(page)).toEqual([]);
  });

  test(`nothing moves for whoever asked for less motion: ${name}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await show(page);
    const moving = await page.evaluate(() => {
      const seconds = (times: string) =>
        Math.max(...times.split(",").map((time) => Number.parseFloat(time) || 0));
      return [...document.querySelectorAll("*")]
        .filter((element) => {
          const { animationName, animationDuration, transitionDuration } =
            getComputedStyle(element);
          const animated = animationName !== "none" && seconds(animationDuration) > 0.01;
          return animated || seconds(transitionDuration) > 0.01;
        })
        .map((element) => element.outerHTML.slice(0, 120));
    });
    expect(moving).toEqual([]);
    const running = await page.evaluate(() =>
      document
        .getAnimations()
        .map((one) => Number(one.effect?.getComputedTiming().duration ?? 0))
        .filter((ms) => ms > 10),
    );
    expect(running).toEqual([]);
  });

  test(`what has the focus is seen: ${name}`, async ({ page }) => {
    await show(page);
    await page.waitForTimeout(300);
    const unseen = new Set<string>();
    for (let n = 0; n < 60; n += 1) {
      await page.keyboard.press("Tab");
      const said = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const outlined = (one: Element | null): boolean => {
          if (!one || one === document.body) return false;
          const { outlineStyle, outlineWidth } = getComputedStyle(one);
          return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) || false;
        };
        const around = element.closest("[data-focus-within]");
        // Where the words fill a place, the caret is what is seen.
        const { caretColor } = getComputedStyle(element);
        const caret = element.matches("textarea, [role=combobox]") && !/, 0\)$/.test(caretColor);
        return outlined(element) || outlined(around) || caret
          ? undefined
          : element.outerHTML.slice(0, 140);
      });
      if (said) unseen.add(said);
    }
    expect([...unseen]).toEqual([]);
  });
}

/** Of two colours, as WCAG 2 counts it. */
function ratio(one: readonly number[], other: readonly number[]): number {
  const light = (colour: readonly number[]) => {
    const [r = 0, g = 0, b = 0] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [light(one), light(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["bg", "surface", "raised", "inset", "hover", "selected"] as const;
const tones = ["neutral", "review", "info", "run", "ok", "warn", "bad", "ask"] as const;

/** Pairs of tokens with the contrast that they need at least. */
const pairs = (high: boolean): readonly (readonly [string, string, number])[] => [
  ...grounds.flatMap((ground) =>
    ["text", "text-2", "text-3"].map((text) => [text, ground, high ? 7 : 4.5] as const),
  ),
  ...["surface", "raised", "bg"].flatMap((ground) =>
    ["control", "focus", ...tones.map((tone) => `${tone}-dot`)].map(
      (sign) => [sign, ground, 3] as const,
    ),
  ),
  ...["surface", "raised", "bg"].map((ground) => ["accent-text", ground, high ? 7 : 4.5] as const),
  ...(high ? ["surface", "raised", "bg"] : []).flatMap((ground) =>
    [...tones.map((tone) => `${tone}-fg`)].map((fg) => [fg, ground, 7] as const),
  ),
  ...tones.map((tone) => [`${tone}-fg`, `${tone}-bg`, 4.5] as const),
  ["on-accent", "accent", high ? 7 : 4.5],
  ["add", "add-bg", 4.5],
  ["del", "del-bg", 4.5],
];

for (const scheme of ["light", "dark"] as const) {
  for (const contrast of ["no-preference", "more"] as const) {
    test(`colours stand off from each other, ${scheme}, contrast: ${contrast}`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: scheme, contrast });
      await open(page, "/queue");
      const wanted = pairs(contrast === "more");
      const names = [
        ...new Set(wanted.map(([one]) => one).concat(wanted.map(([, other]) => other))),
      ];
      const colours = await page.evaluate((names) => {
        const probe = document.body.appendChild(document.createElement("i"));
        return Object.fromEntries(
          names.map((name) => {
            probe.style.color = `var(--${name})`;
            const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
            return [name, parts.slice(0, 3).map(Number)];
          }),
        );
      }, names);
      const weak = wanted
        .map(([one, other, least]) => ({
          pair: `${one} on ${other}`,
          is: ratio(colours[one] ?? [], colours[other] ?? []),
          least,
        }))
        .filter(({ is, least }) => is < least)
        .map(({ pair, is, least }) => `${pair}: ${is.toFixed(2)} of ${least}`);
      expect(weak).toEqual([]);
    });
  }
}
