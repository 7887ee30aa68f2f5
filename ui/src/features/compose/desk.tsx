import { CalendarClock, Eye, PencilLine } from "lucide-react";
import { type DragEvent, memo, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, Network, PersonaDetail } from "@/bindings";
import { useCore } from "@/data";
import { Button, Drawer, Pane, Segmented } from "@/shared";
import { useActions, useNarrow } from "@/shell";
import { DescribeSheet } from "./describe-sheet";
import { DeskBar, DraftState } from "./desk-bar";
import { Findings } from "./findings";
import { GoesWith } from "./goes-with";
import { HelpMe } from "./help-me";
import { Essence, Inspector } from "./inspector";
import { filesOf } from "./pictures";
import { Previews } from "./previews";
import { Remarks } from "./remarks";
import { Strips } from "./strips";
import { TextTabs } from "./text-tabs";
import { ComposerContext, LaterContext, NowContext } from "./use-composer";
import { type Start, useDesk } from "./use-desk";
import { Writing } from "./writing";

// A key press draws the text first; these follow when there is time.
const Bar = memo(DeskBar);
const Tabs = memo(TextTabs);
const Found = memo(Findings);
const Said = memo(Remarks);
const With = memo(GoesWith);
const Looks = memo(Previews);
const Side = memo(Inspector);
const Brief = memo(Essence);
const State = memo(DraftState);
const Words = memo(Strips);
const Sheet = memo(DescribeSheet);

/** The composer: what is written, as it will look, and when it goes. */
export function Desk({
  start,
  detail,
  personas,
  networks,
  onKnown,
}: {
  start: Start;
  detail: ContentDetail | undefined;
  personas: readonly PersonaDetail[];
  networks: readonly Network[];
  onKnown: (content: string) => void;
}) {
  const { t } = useTranslation();
  const composer = useDesk({ start, detail, personas, networks, onKnown });
  const later = useDeferredValue(composer);
  const narrow = useNarrow("drawer");
  const tight = useNarrow("rail");
  const single = useNarrow("single");
  const [drawer, setDrawer] = useState(false);
  const [helping, setHelping] = useState(false);
  // Models are the computer's: a page of a server has none.
  const { door } = useCore();
  const help = door ? undefined : () => setHelping((on) => !on);
  const [side, setSide] = useState<"write" | "look">("write");
  const [dropping, setDropping] = useState(false);
  useActions({
    "content.save": composer && (() => composer.save()),
    // Never from under a sheet: what it says is not taken in yet.
    "content.submit":
      composer &&
      (() => {
        if (!document.querySelector("[role=dialog],[role=alertdialog]")) composer.submit();
      }),
    "content.help": composer && help ? help : false,
    "content.duplicate": composer && detail ? () => composer.duplicate() : false,
    "content.archive": composer && detail ? () => composer.archive() : false,
  });
  if (!composer || !later) return null;

  const carries = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const write = (
    <section
      aria-label={t("compose.write")}
      data-dropping={dropping || undefined}
      className="relative flex h-full min-h-0 w-full flex-col bg-surface"
      onDragOver={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setDropping(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false);
      }}
      onDrop={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setDropping(false);
        composer.takeFiles(filesOf(event.dataTransfer));
      }}
    >
      <Tabs />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto" data-page>
        <ComposerContext value={composer}>
          <Writing {...(help ? { onHelp: help } : {})} />
        </ComposerContext>
        <Found />
        <Said />
        <With />
      </div>
      {dropping ? (
        <div className="fade-in pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-card border-2 border-dashed border-accent bg-accent-soft/80 font-strong text-accent-text">
          {t("compose.drop_here")}
        </div>
      ) : null}
    </section>
  );
  return (
    <NowContext value={composer}>
      <LaterContext value={later}>
        <ComposerContext value={later}>
          <Bar />
          <Words />
          {narrow ? (
            <div className="flex h-9 shrink-0 items-center gap-3 border-b border-line bg-surface px-5">
              {single ? (
                <Segmented
                  label={t("compose.view")}
                  value={side}
                  onChange={setSide}
                  options={[
                    {
                      value: "write",
                      label: <PencilLine size={14} aria-hidden />,
                      name: t("compose.write"),
                    },
                    {
                      value: "look",
                      label: <Eye size={14} aria-hidden />,
                      name: t("compose.previews"),
                    },
                  ]}
                />
              ) : null}
              {tight ? <State /> : null}
              <Brief />
              <Button
                size="row"
                className="ml-auto"
                icon={<CalendarClock size={13} strokeWidth={2} aria-hidden />}
                onClick={() => setDrawer(true)}
              >
                {t("compose.open_inspector")}
              </Button>
            </div>
          ) : null}
          <div className="flex min-h-0 flex-1">
            {single ? (
              side === "write" ? (
                write
              ) : (
                <Looks />
              )
            ) : (
              <>
                <Pane
                  place="compose.write"
                  side="start"
                  initial={narrow ? 460 : 480}
                  min={380}
                  max={720}
                  label={t("compose.write")}
                >
                  {write}
                </Pane>
                <Looks />
              </>
            )}
            {narrow ? null : (
              <aside
                aria-label={t("compose.inspector")}
                className="w-[276px] shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
              >
                {helping ? <HelpMe onClose={() => setHelping(false)} /> : <Side />}
              </aside>
            )}
          </div>
          {narrow ? (
            <>
              <Drawer open={drawer} onClose={() => setDrawer(false)} title={t("compose.inspector")}>
                <Side />
              </Drawer>
              <Drawer open={helping} onClose={() => setHelping(false)} title={t("writing.title")}>
                <HelpMe onClose={() => setHelping(false)} />
              </Drawer>
            </>
          ) : null}
          <Sheet />
        </ComposerContext>
      </LaterContext>
    </NowContext>
  );
}
