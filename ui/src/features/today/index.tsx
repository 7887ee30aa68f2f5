import { PanelRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import {
  AllDonePicture,
  clock,
  DayLine,
  Drawer,
  EmptyState,
  Heading,
  IconButton,
  longDay,
  machineZone,
  minuteOfDay,
  Pane,
  SkeletonRows,
  StatusGlyph,
  zoneCity,
} from "@/shared";
import { useNow } from "@/shared/use-now";
import { Bar, NewPost, Page, ProblemState, useGo, useNarrow } from "@/shell";
import { Aside } from "./aside";
import { Needs } from "./needs";
import { Next } from "./next";
import { PauseButton } from "./pause";

/** What needs me, and what goes out next. */
export function Today() {
  const { t } = useTranslation();
  const zone = machineZone();
  const now = useNow();
  const today = useAnswer({ type: "today", zone }, { every: 60_000 });
  const drawer = useNarrow("drawer");
  const [open, setOpen] = useState(false);
  const data = today.data;
  const needs = data?.needs.length ?? 0;

  const bar = (
    <Bar
      title={longDay(now, zone)}
      fact={data ? t("today.needs_fact", { count: needs }) : undefined}
      actions={
        <>
          <PauseButton />
          {drawer ? (
            <IconButton
              label={t("today.more")}
              icon={<PanelRight size={15} strokeWidth={1.75} aria-hidden />}
              onClick={() => setOpen(true)}
            />
          ) : null}
        </>
      }
      newPost
    />
  );
  if (today.error && !data) {
    return (
      <>
        {bar}
        <ProblemState
          error={today.error}
          onAgain={() => void today.refetch()}
          className="m-5 max-w-xl"
        />
      </>
    );
  }
  return (
    <>
      {bar}
      <div className="flex min-h-0 flex-1">
        <Page className="px-5 py-4">
          {data ? (
            <>
              <Day posts={data.day} now={now} zone={zone} />
              <Needs needs={data.needs} />
              {data.next.length > 0 ? (
                <Next rows={data.next} now={now} zone={zone} />
              ) : needs === 0 ? (
                <EmptyState
                  className="pt-16"
                  picture={<AllDonePicture />}
                  title={t("today.empty_title")}
                  body={t("today.empty_body")}
                  actions={<NewPost />}
                />
              ) : null}
            </>
          ) : (
            <SkeletonRows rows={8} height={54} label={t("common.reading")} />
          )}
        </Page>
        {data && !drawer ? (
          <Pane place="today" side="end" initial={320} min={276} max={372} label={t("today.more")}>
            <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
              <Aside today={data} />
            </div>
          </Pane>
        ) : null}
      </div>
      {data && drawer ? (
        <Drawer open={open} onClose={() => setOpen(false)} title={t("today.more")}>
          <Aside today={data} />
        </Drawer>
      ) : null}
    </>
  );
}

function Day({
  posts,
  now,
  zone,
}: {
  posts: NonNullable<ReturnType<typeof useAnswer<"today">>["data"]>["day"];
  now: number;
  zone: string;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const out = posts.filter((post) => post.delivery === "published").length;
  const early = posts.some((post) => minuteOfDay(post.at, zone) < 6 * 60);
  return (
    <section className="mb-5" aria-label={t("today.day")}>
      <Heading
        fact={
          posts.length > 0
            ? t("today.day_fact", { count: posts.length, out })
            : t("today.day_nothing")
        }
      >
        {t("today.day")}
      </Heading>
      <DayLine
        from={early || minuteOfDay(now, zone) < 6 * 60 ? 0 : 6}
        now={minuteOfDay(now, zone)}
        nowText={clock(now, zone)}
        best={[]}
        label={t("today.day_in", { city: zoneCity(zone) })}
        marks={posts.map((post) => ({
          id: `${post.content}-${post.at}`,
          minute: minuteOfDay(post.at, zone),
          time: clock(post.at, zone),
          hue: post.persona.hue,
          label: t("today.mark", {
            time: clock(post.at, zone),
            persona: post.persona.name,
            headline: post.headline,
          }),
          glyph:
            post.delivery === "planned" ? (
              <StatusGlyph status={post.status} />
            ) : (
              <StatusGlyph kind="delivery" status={post.delivery} />
            ),
          onOpen: () => go({ type: "content", id: post.content }),
        }))}
      />
    </section>
  );
}
