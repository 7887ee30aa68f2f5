import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Feed, FoundFeed, PersonaRef, SourceKind, SourceView } from "@/bindings";
import { newId, useAct, useChange } from "@/data";
import { problemOf } from "@/platform";
import { Button, Checkbox, Dialog, Field, FieldError, PersonaName, Select } from "@/shared";
import { sayProblem } from "@/shell";

const kinds: readonly SourceKind[] = [
  "feed",
  "mastodon_trends",
  "mastodon_tag",
  "bluesky_trends",
  "bluesky_tag",
];
/** The AppView that most people of Bluesky use. */
const BLUESKY = "https://api.bsky.app/";

const ofBluesky = (kind: SourceKind) => kind === "bluesky_trends" || kind === "bluesky_tag";

/** Follow a feed or list, or change one: what it is, what it is called, who follows it. */
export function SourceSheet({
  source,
  personas,
  persona,
  onClose,
}: {
  source?: SourceView;
  personas: readonly PersonaRef[];
  /** Who follows a new one to begin with. */
  persona: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const change = useChange();
  const discover = useAct<"discover_feeds">();
  const [feed, setFeed] = useState<Feed>(
    () => source?.source.feed ?? { kind: "feed", address: "" },
  );
  const [name, setName] = useState(source?.source.name ?? "");
  const [followers, setFollowers] = useState<string[]>(
    () => source?.source.personas ?? (persona ? [persona] : []),
  );
  const [found, setFound] = useState<FoundFeed[]>();
  const form = useId();
  const failed = discover.error ?? change.error;
  const problem = failed ? problemOf(failed) : undefined;
  const fields = problem?.fields ?? {};

  const save = (what: Feed) =>
    change.mutate(
      {
        mutation: {
          type: "save_source",
          id: source?.id ?? newId(),
          source: { feed: what, name, personas: followers },
        },
      },
      {
        onSuccess: onClose,
        onError: (error) => {
          if (Object.keys(problemOf(error).fields ?? {}).length === 0) sayProblem(error);
        },
      },
    );
  /** One feed is followed at once; of several a person chooses. */
  const look = () =>
    discover.mutate(
      { act: { type: "discover_feeds", url: feed.address } },
      {
        onSuccess: (feeds) => {
          const only = feeds.length === 1 ? feeds[0] : undefined;
          if (only && !only.known) save(only.feed);
          else setFound(feeds);
        },
      },
    );
  const searching = feed.kind === "feed" && !source;
  const go = () => {
    if (searching) look();
    else save(feed);
  };
  const none = followers.length === 0 && t("ideas.nobody_follows");
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(source ? "ideas.edit_source" : "ideas.follow")}
      width={480}
      foot={
        <>
          <Button kind="ghost" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            kind="primary"
            busy={discover.isPending || change.isPending}
            off={feed.address.trim() === "" ? t("ideas.no_address") : none}
            submit
            form={form}
          >
            {t(source ? "personas.save" : searching ? "ideas.find" : "ideas.follow")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (feed.address.trim() !== "" && !none) go();
        }}
      >
        <Select
          label={t("ideas.kind_of_source")}
          value={feed.kind}
          onChange={(kind) => {
            const address = ofBluesky(kind)
              ? feed.address || BLUESKY
              : feed.address === BLUESKY
                ? ""
                : feed.address;
            setFeed({ ...feed, kind, address });
            setFound(undefined);
          }}
          choices={kinds.map((kind) => ({ value: kind, label: t(`ideas.source.${kind}`) }))}
        />
        <Field
          label={t(feed.kind === "feed" ? "ideas.site_address" : "ideas.server_address")}
          hint={t(
            feed.kind === "feed"
              ? "ideas.site_hint"
              : ofBluesky(feed.kind)
                ? "ideas.appview_hint"
                : "ideas.server_hint",
          )}
          value={feed.address}
          onText={(address) => {
            setFeed({ ...feed, address });
            setFound(undefined);
          }}
          error={
            fields.address
              ? t("ideas.wrong_address")
              : problem && Object.keys(fields).length === 0
                ? problem.message
                : undefined
          }
          autoFocus
          dir="ltr"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
        />
        {feed.kind === "mastodon_tag" || feed.kind === "bluesky_tag" ? (
          <Field
            label={t("ideas.hashtag")}
            value={feed.tag ?? ""}
            onText={(tag) => setFeed({ ...feed, tag })}
            error={fields.tag ? t("ideas.wrong_tag") : undefined}
          />
        ) : null}
        {found ? <Found found={found} off={none} onFollow={(one) => save(one.feed)} /> : null}
        <Field
          label={t("ideas.own_name")}
          hint={t("ideas.own_name_hint")}
          value={name}
          onText={setName}
          maxLength={120}
        />
        {personas.length > 1 || source ? (
          <fieldset className="flex flex-col gap-1.5">
            <legend className="pb-1.5 text-meta font-medium text-text-2">
              {t("ideas.followers")}
            </legend>
            {personas.map((one) => (
              <span key={one.id} className="flex items-center gap-2">
                <Checkbox
                  on={followers.includes(one.id)}
                  label={one.name}
                  onChange={(on) =>
                    setFollowers(
                      on ? [...followers, one.id] : followers.filter((id) => id !== one.id),
                    )
                  }
                />
                <PersonaName name={one.name} hue={one.hue} />
              </span>
            ))}
          </fieldset>
        ) : null}
      </form>
    </Dialog>
  );
}

function Found({
  found,
  off,
  onFollow,
}: {
  found: readonly FoundFeed[];
  off: string | false;
  onFollow: (feed: FoundFeed) => void;
}) {
  const { t } = useTranslation();
  if (found.length === 0) return <FieldError>{t("ideas.no_feed_found")}</FieldError>;
  return (
    <ul className="border-t border-line" aria-label={t("ideas.found")}>
      {found.map((one) => (
        <li
          key={one.feed.address}
          className="flex min-h-[46px] items-center gap-2 border-b border-line py-1.5"
        >
          <span className="min-w-0 flex-1">
            <span className="ellipsis block text-text" dir="auto">
              {one.title || one.feed.address}
            </span>
            <span className="ellipsis block text-meta text-text-2" dir="ltr">
              {one.feed.address}
            </span>
          </span>
          {one.known ? (
            <span className="text-meta text-text-2">{t("ideas.followed")}</span>
          ) : (
            <Button
              size="row"
              off={off}
              aria-label={t("ideas.follow_it", { title: one.title || one.feed.address })}
              onClick={() => onFollow(one)}
            >
              {t("ideas.follow")}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
