import {
  DialogBackdrop,
  DialogPanel,
  DialogTitle,
  Dialog as HeadlessDialog,
} from "@headlessui/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "./button";

/** A sheet over the window. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  foot,
  width = 420,
  closable = true,
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
  width?: number;
  closable?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <HeadlessDialog open={open} onClose={closable ? onClose : () => {}} className="relative z-50">
      <DialogBackdrop className="fade-in fixed inset-0 bg-scrim" />
      <div className="fixed inset-0 flex items-start justify-center overflow-y-auto p-6 pt-[12vh]">
        <DialogPanel
          className="pop-in w-full rounded-sheet bg-raised shadow-float"
          style={{ maxWidth: width }}
        >
          <div className="flex items-center justify-between gap-3 px-5 pt-4">
            <DialogTitle className="text-place text-text">{title}</DialogTitle>
            {closable ? (
              <IconButton
                label={t("common.close")}
                icon={<X size={15} strokeWidth={2} aria-hidden />}
                onClick={onClose}
                className="-mr-2"
              />
            ) : null}
          </div>
          <div className="px-5 pt-1 pb-4">{children}</div>
          {foot ? (
            <div className="flex items-center justify-end gap-2 border-t border-line px-5 py-3">
              {foot}
            </div>
          ) : null}
        </DialogPanel>
      </div>
    </HeadlessDialog>
  );
}

/**
 * Asks once, only for what cannot be undone. The safe answer is primary and has the focus.
 */
export function AskDialog({
  open,
  onClose,
  title,
  body,
  safe,
  onSafe,
  other,
  onOther,
  danger,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  body: ReactNode;
  safe: string;
  onSafe: () => void;
  other: string;
  onOther: () => void;
  danger?: boolean;
}) {
  return (
    <HeadlessDialog open={open} onClose={onClose} className="relative z-50" role="alertdialog">
      <DialogBackdrop className="fade-in fixed inset-0 bg-scrim" />
      <div className="fixed inset-0 flex items-center justify-center p-6">
        <DialogPanel className="pop-in w-full max-w-[346px] rounded-sheet bg-raised px-5 pt-4 pb-4 shadow-float">
          <DialogTitle className="text-place text-text">{title}</DialogTitle>
          <div className="mt-1 text-base text-text-2">{body}</div>
          <div className="mt-4 flex justify-end gap-2">
            <Button
              kind={danger ? "danger" : "plain"}
              onClick={() => {
                onOther();
                onClose();
              }}
            >
              {other}
            </Button>
            <Button
              kind="primary"
              data-autofocus
              onClick={() => {
                onSafe();
                onClose();
              }}
            >
              {safe}
            </Button>
          </div>
        </DialogPanel>
      </div>
    </HeadlessDialog>
  );
}
