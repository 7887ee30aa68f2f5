import {
  Archive,
  Ban,
  CalendarClock,
  Ellipsis,
  RotateCcw,
  Send,
  Tag,
  Trash2,
  X,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import { AskDialog, Button, Dialog, Field, IconButton, Menu } from "@/shared";
import {
  type BulkAct,
  cancellable,
  isDeletable,
  isMovable,
  isStuck,
  isSubmittable,
} from "./bulk-acts";
import type { Bulk } from "./use-bulk";

/** What can be done with all chosen contents at once. */
export function BulkBar({
  rows,
  bulk,
  onClear,
}: {
  rows: readonly ContentRow[];
  bulk: Bulk;
  onClear: () => void;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"submit" | "again" | "delete">();
  const [labelling, setLabelling] = useState(false);
  const icon = { size: 13, strokeWidth: 2, "aria-hidden": true } as const;
  const start = (act: BulkAct) => bulk.start(act, rows);
  const off = (can: (row: ContentRow) => boolean, why: string) => (rows.some(can) ? false : why);
  const { running } = bulk;
  if (running) {
    return (
      <div className="flex items-center gap-2">
        <span className="tnum text-meta font-medium" role="status">
          {t("queue.running", { done: running.done, of: running.of })}
        </span>
        <Button size="row" onClick={bulk.stop}>
          {t("queue.stop")}
        </Button>
      </div>
    );
  }
  const timeless = rows.filter((row) => isSubmittable(row) && !row.at).length;
  const stuck = rows.filter(isStuck).length;
  const drafts = rows.filter(isDeletable).length;
  return (
    <div
      role="toolbar"
      aria-label={t("queue.bulk")}
      className="flex items-center gap-2 max-md:flex-wrap"
    >
      <IconButton
        size="row"
        label={t("queue.choose_none")}
        icon={<X {...icon} />}
        onClick={onClear}
      />
      <span className="tnum mr-1 shrink-0 text-meta font-medium" role="status">
        {t("queue.chosen", { count: rows.length })}
      </span>
      <Button
        size="row"
        icon={<Send {...icon} />}
        off={off(isSubmittable, t("queue.skip.not_to_submit"))}
        onClick={() => (timeless > 0 ? setAsking("submit") : start({ type: "submit" }))}
      >
        {t("queue.submit")}
      </Button>
      {stuck > 0 ? (
        <Button size="row" icon={<RotateCcw {...icon} />} onClick={() => setAsking("again")}>
          {t("queue.again")}
        </Button>
      ) : null}
      <Button
        size="row"
        icon={<CalendarClock {...icon} />}
        off={off(isMovable, t("queue.skip.nothing_to_move"))}
        onClick={() => start({ type: "slots" })}
      >
        {t("queue.into_slots")}
      </Button>
      <Menu
        align="start"
        trigger={
          <Button size="row" off={off(isMovable, t("queue.skip.nothing_to_move"))}>
            {t("queue.move")}
          </Button>
        }
        groups={[
          [1, 7, -1, -7].map((days) => ({
            id: String(days),
            label: t(days > 0 ? "queue.later" : "queue.earlier", { count: Math.abs(days) }),
            onSelect: () => start({ type: "move", days }),
          })),
        ]}
      />
      <Button size="row" icon={<Archive {...icon} />} onClick={() => start({ type: "archive" })}>
        {t("action.archive")}
      </Button>
      <Menu
        align="start"
        trigger={
          <IconButton
            size="row"
            label={t("queue.more_bulk")}
            icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
          />
        }
        groups={[
          [
            {
              id: "label",
              label: t("queue.label"),
              icon: <Tag {...icon} />,
              onSelect: () => setLabelling(true),
            },
            {
              id: "cancel",
              label: t("action.cancel_sending"),
              icon: <Ban {...icon} />,
              off: off((row) => cancellable(row).length > 0, t("queue.nothing_to_cancel")),
              onSelect: () => start({ type: "cancel" }),
            },
          ],
          [
            {
              id: "delete",
              label: t("queue.delete_drafts"),
              icon: <Trash2 {...icon} />,
              danger: true,
              off: off(isDeletable, t("queue.skip.not_a_draft")),
              onSelect: () => setAsking("delete"),
            },
          ],
        ]}
      />
      <AskDialog
        open={asking === "submit"}
        onClose={() => setAsking(undefined)}
        title={t("queue.ask_submit", { count: timeless })}
        body={t("queue.ask_submit_body")}
        safe={t("common.cancel")}
        onSafe={() => {}}
        other={t("queue.submit")}
        onOther={() => start({ type: "submit" })}
      />
      <AskDialog
        open={asking === "again"}
        onClose={() => setAsking(undefined)}
        title={t("queue.ask_again", { count: stuck })}
        body={t("queue.ask_again_body")}
        safe={t("common.cancel")}
        onSafe={() => {}}
        other={t("queue.again")}
        onOther={() => bulk.start({ type: "again" }, rows.filter(isStuck))}
      />
      <AskDialog
        open={asking === "delete"}
        onClose={() => setAsking(undefined)}
        title={t("queue.ask_delete", { count: drafts })}
        body={t("queue.ask_delete_body")}
        safe={t("queue.keep_drafts")}
        onSafe={() => {}}
        other={t("queue.delete_drafts")}
        onOther={() => bulk.start({ type: "delete" }, rows.filter(isDeletable))}
        danger
      />
      {labelling ? (
        <LabelSheet
          onClose={() => setLabelling(false)}
          onLabels={(labels) => start({ type: "label", labels })}
        />
      ) : null}
    </div>
  );
}

function LabelSheet({
  onClose,
  onLabels,
}: {
  onClose: () => void;
  onLabels: (labels: readonly string[]) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const labels = text
    .split(",")
    .map((label) => label.trim())
    .filter(Boolean);
  const done = () => {
    if (labels.length === 0) return;
    onLabels(labels);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("queue.label")}
      width={340}
      foot={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            kind="primary"
            off={labels.length === 0 ? t("queue.label_first") : false}
            onClick={done}
          >
            {t("queue.label_add")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        <Field
          label={t("compose.labels")}
          hint={t("templates.labels_hint")}
          value={text}
          onText={setText}
          data-autofocus
        />
      </form>
    </Dialog>
  );
}
