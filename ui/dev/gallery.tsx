import { ArrowUpRight, Check, Ellipsis, Plus, Search, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { createRoot } from "react-dom/client";
import { startWords } from "../src/i18n";
import {
  AllDonePicture,
  AskDialog,
  Button,
  Checkbox,
  CounterRing,
  contentLook,
  DayLine,
  DiffCounts,
  deliveryLook,
  EmptyDayPicture,
  EmptyState,
  ErrorState,
  Field,
  hues,
  IconButton,
  Kbd,
  Mark,
  MarkOutline,
  Menu,
  NetworkTiles,
  OfflineStrip,
  PersonaAvatar,
  Row,
  Segmented,
  Select,
  SkeletonRows,
  Slant,
  StatusChip,
  StatusGlyph,
  StatusWord,
  Switch,
  Tabs,
  TextArea,
  ToastCard,
  WordDiff,
  wordDiff,
} from "../src/shared";
import "../src/styles/index.css";

startWords("en");

const BEFORE =
  "Snow came late at our four ridge stations, measured against 1991 to 2020. It has moved dramatically.";
const AFTER =
  "Snow came nine days late at our four ridge stations, measured against 1991 to 2020. It has moved.";

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-5">
      <h2 className="mb-2 text-meta font-strong text-text-2">{title}</h2>
      <div className="flex flex-wrap items-center gap-2">{children}</div>
    </section>
  );
}

function Pieces() {
  const [view, setView] = useState("month");
  const [net, setNet] = useState("x");
  const [persona, setPersona] = useState("all");
  const [on, setOn] = useState(true);
  const [ask, setAsk] = useState(false);
  const counts = wordDiff(BEFORE, AFTER);
  return (
    <div className="h-full overflow-y-auto bg-surface p-8" style={{ width: "50%" }}>
      <h1 className="mb-4 flex items-center gap-2 text-title">
        <Mark size={22} /> Pieces
      </h1>
      <Part title="Content status">
        {(Object.keys(contentLook) as (keyof typeof contentLook)[]).map((status) => (
          <StatusChip key={status} status={status} />
        ))}
      </Part>
      <Part title="Delivery status">
        {(Object.keys(deliveryLook) as (keyof typeof deliveryLook)[]).map((status) => (
          <StatusChip key={status} kind="delivery" status={status} />
        ))}
      </Part>
      <Part title="Buttons">
        <Button kind="primary" icon={<Check size={14} strokeWidth={2} />} keys="A">
          Approve
        </Button>
        <Button keys="Mod+S">Save draft</Button>
        <Button kind="ghost">Cancel</Button>
        <Button
          kind="danger"
          icon={<Trash2 size={14} strokeWidth={2} />}
          onClick={() => setAsk(true)}
        >
          Delete
        </Button>
        <Menu
          trigger={
            <IconButton kind="plain" label="More" icon={<Ellipsis size={14} strokeWidth={2} />} />
          }
          groups={[
            [
              { id: "a", label: "Duplicate", keys: "Mod+D", onSelect: () => {} },
              { id: "b", label: "Copy link", onSelect: () => {} },
            ],
            [{ id: "c", label: "Delete", danger: true, onSelect: () => {} }],
          ]}
        />
        <Button size="row">Small</Button>
        <Button off="Nothing has changed yet">Off</Button>
        <Button size="big" kind="primary" icon={<Plus size={14} strokeWidth={2} />}>
          Big
        </Button>
      </Part>
      <Part title="Fields">
        <Field
          aria-label="find"
          placeholder="Find in queue"
          icon={<Search size={14} strokeWidth={2} />}
          boxClassName="w-40"
        />
        <Field aria-label="c" defaultValue="Late snow 2026" boxClassName="w-40" />
        <Field
          aria-label="e"
          defaultValue="firnline.exmple"
          error="This address does not answer."
          boxClassName="w-44"
        />
        <Checkbox on={on} onChange={setOn} label="c" />
        <Checkbox on={false} onChange={() => {}} label="c" />
        <Switch on={on} onChange={setOn} label="s" />
        <Switch on={false} onChange={() => {}} label="s" />
      </Part>
      <Part title="Personas">
        {hues.map((hue) => (
          <span key={hue} className="mr-2 inline-flex items-center gap-1.5">
            <Slant hue={hue} height={13} />
            <span className="capitalize">{hue}</span>
          </span>
        ))}
      </Part>
      <Part title="Chips, tabs, keys, counters, people">
        <Segmented
          value={view}
          onChange={setView}
          label="View"
          options={[
            { value: "month", label: "Month" },
            { value: "week", label: "Week" },
            { value: "list", label: "List" },
          ]}
        />
        <Kbd keys="Mod+K" />
        <Kbd keys="G A" />
        <CounterRing length={180} limit={300} label="120 left" />
        <CounterRing length={286} limit={300} label="14 left" />
        <CounterRing length={291} limit={280} label="11 over" />
        <PersonaAvatar name="Firnline Institute" hue="glacier" />
        <PersonaAvatar name="Ofen 7" hue="clay" />
        <PersonaAvatar name="Noor Castellay" />
        <NetworkTiles
          networks={["bluesky", "mastodon", "x", "linkedin", "threads", "instagram", "site"]}
          siteWord="Local site"
        />
      </Part>
      <Part title="Tabs, select">
        <Tabs
          value={net}
          onChange={setNet}
          label="Networks"
          tabs={[
            { value: "all", label: "Everywhere", meta: "4 networks" },
            { value: "bs", label: "Bluesky", meta: "232 / 300" },
            { value: "x", label: "X •", meta: "11 over", fault: true },
          ]}
        />
        <Select
          look="filter"
          label="Persona"
          value={persona}
          onChange={setPersona}
          choices={[
            { value: "all", label: "All personas" },
            { value: "a", label: "Firnline Institute" },
          ]}
        />
      </Part>
      <Part title="Toast">
        <ToastCard
          said={{
            text: "Published on Bluesky",
            tone: "ok",
            glyph: "stop",
            action: { label: "Open", onAct: () => {} },
            icon: undefined,
          }}
          onClose={() => {}}
        />
        <ToastCard
          said={{
            text: "3 posts archived",
            glyph: "box",
            action: { label: "Undo", keys: "Mod+Z", onAct: () => {} },
          }}
          onClose={() => {}}
        />
        <ToastCard
          said={{
            text: "Uploading kiln.mp4",
            progress: 0.34,
            fact: "38 of 112 MB",
            icon: <ArrowUpRight size={14} />,
          }}
          onClose={() => {}}
        />
      </Part>
      <Part title="Day">
        <div className="w-full">
          <DayLine
            label="The day"
            now={9 * 60 + 42}
            nowText="09:42"
            best={[
              { from: 8 * 60 + 30, to: 10 * 60, strength: 0.4 },
              { from: 12 * 60, to: 13 * 60, strength: 0.5 },
              { from: 17 * 60, to: 19.5 * 60, strength: 1 },
            ]}
            marks={[
              {
                id: "1",
                minute: 450,
                time: "07:30",
                hue: "glacier",
                label: "a",
                glyph: <StatusGlyph kind="delivery" status="published" />,
                onOpen: () => {},
              },
              {
                id: "2",
                minute: 495,
                time: "08:15",
                hue: "plum",
                label: "b",
                glyph: <StatusGlyph kind="delivery" status="unconfirmed" />,
                onOpen: () => {},
              },
              {
                id: "3",
                minute: 700,
                time: "11:40",
                hue: "clay",
                label: "c",
                glyph: <StatusGlyph status="scheduled" />,
                onOpen: () => {},
              },
            ]}
          />
        </div>
      </Part>
      <Part title="Row">
        <div className="w-full">
          <Row selected className="px-3">
            <Slant hue="plum" />
            <span className="flex-1">We corrected figure 3 in last week’s note.</span>
            <StatusWord status="scheduled" />
          </Row>
          <Row className="px-3">
            <Slant hue="glacier" />
            <span className="flex-1">Late snow, the open data</span>
            <StatusWord status="draft" />
          </Row>
        </div>
      </Part>
      <Part title="Diff">
        <DiffCounts added={counts.added} removed={counts.removed} />
        <WordDiff before={BEFORE} after={AFTER} />
      </Part>
      <Part title="Writing">
        <TextArea
          aria-label="w"
          writing
          defaultValue="Ofen auf, und die Überraschung bleibt."
          boxClassName="w-96"
        />
      </Part>
      <Part title="States">
        <div className="w-full">
          <EmptyState
            picture={<EmptyDayPicture />}
            title="Nothing planned in November"
            body="Your best hours are marked. Drop a draft on one."
            actions={
              <Button kind="primary" keys="C">
                New post
              </Button>
            }
          />
          <EmptyState
            picture={<AllDonePicture />}
            title="Nothing waits for you"
            body="You decided 6 posts today."
          />
          <EmptyState picture={<MarkOutline />} title="No post with “glacier tax”" />
          <ErrorState
            title="Mastodon has not answered since 08:40."
            body="The numbers below are from 08:30."
            action={<Button size="row">Try now</Button>}
          />
          <OfflineStrip
            text="Offline since 09:12. 3 changes wait here."
            action={<Button size="row">See them</Button>}
          />
          <SkeletonRows rows={3} label="reading" />
        </div>
      </Part>
      <AskDialog
        open={ask}
        onClose={() => setAsk(false)}
        title="Send it again on X?"
        body="Rostrum could not find the first copy, but X may still show it later. Then there would be two."
        safe="Look again first"
        onSafe={() => {}}
        other="Send again"
        onOther={() => {}}
      />
    </div>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Pieces />);
