import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { clock, shortDay } from "@/shared";
import { NotesSection } from "../../notes";
import { updatesOf } from "../updates";
import { useComposer } from "../use-composer";
import { firstTime } from "../when";
import { ApprovalPath } from "./approval-path";
import { CostInWords, CostPart } from "./cost";
import { Details } from "./details";
import { OptionsPart } from "./options";
import { UpdatePart } from "./update-part";
import { Versions } from "./versions";
import { WhenPart } from "./when-part";

/** When it goes, who is asked, what was chosen beside the text, what it is called, what it was. */
export function Inspector() {
  const { content, detail, body } = useComposer();
  const updates = updatesOf(detail, body.targets);
  return (
    <div className="flex flex-col divide-y divide-line [&>section]:py-4 [&>section:first-child]:pt-0">
      {updates ? <UpdatePart updates={updates} /> : <WhenPart />}
      <ApprovalPath />
      <OptionsPart />
      <CostPart />
      <Details />
      {detail ? <NotesSection content={content} n={detail.row.n} /> : null}
      <Versions />
    </div>
  );
}

/** The inspector in one line: time and path. */
export function Essence() {
  const { t } = useTranslation();
  const { when, prepared, detail, body } = useComposer();
  const first = firstTime(when);
  const stages = prepared?.stages ?? [];
  return (
    <p className="ellipsis text-meta text-text-2">
      <span className="tnum font-strong text-text">
        {updatesOf(detail, body.targets)
          ? t("compose.update")
          : first
            ? `${shortDay(first.at, first.zone)}, ${clock(first.at, first.zone)}`
            : t(stages.length > 0 ? "compose.when_approved" : "compose.when_now")}
      </span>
      {stages.map((stage) => (
        <Fragment key={stage.name}>
          <span className="mx-1.5 text-text-3">·</span>
          {stage.name}
        </Fragment>
      ))}
      <CostInWords />
    </p>
  );
}
