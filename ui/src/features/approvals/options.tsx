import { useTranslation } from "react-i18next";
import type { PreparedTarget } from "@/bindings";
import { optionChanges, optionLines } from "@/shared/options";

/** What was chosen beside the text; what was approved before stands struck beside it. */
export function ChosenOptions({
  target,
  before,
}: {
  target: PreparedTarget;
  before: PreparedTarget | undefined;
}) {
  const { t } = useTranslation();
  const now = optionLines(target.options, t);
  const changes = before ? optionChanges(before.options, target.options, t) : [];
  const gone = changes.filter((change) => change.now === undefined);
  if (now.length + gone.length === 0) return null;
  return (
    <section aria-labelledby={`options-${target.identity}`} className="mt-5 max-w-[520px]">
      <h3 id={`options-${target.identity}`} className="mb-1 text-meta font-strong text-text-2">
        {t("options.title")}
      </h3>
      <dl className="grid grid-cols-[88px_1fr] gap-x-3 gap-y-1 text-meta">
        {now.map(({ key, name, value }) => {
          const change = changes.find((one) => one.key === key);
          return (
            <Line
              key={key}
              name={name}
              was={change?.was}
              now={value}
              changed={change !== undefined}
            />
          );
        })}
        {gone.map(({ key, name, was }) => (
          <Line key={key} name={name} was={was} now={undefined} changed />
        ))}
      </dl>
    </section>
  );
}

function Line({
  name,
  was,
  now,
  changed,
}: {
  name: string;
  was: string | undefined;
  now: string | undefined;
  changed: boolean;
}) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd dir="auto" data-selectable className="[overflow-wrap:anywhere] text-text">
        {was === undefined ? null : (
          <del className="mr-1.5 rounded-[3px] bg-del-bg px-0.5 text-del">{was}</del>
        )}
        {now === undefined ? null : changed ? (
          <ins className="rounded-[3px] bg-add-bg px-0.5 text-add underline underline-offset-2">
            {now}
          </ins>
        ) : (
          now
        )}
      </dd>
    </>
  );
}
