import { DialogPanel, DialogTitle, Dialog as HeadlessDialog } from "@headlessui/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./button";

/** What an inspector becomes in a narrow window: a sheet from the right edge. */
export function Drawer({
  open,
  onClose,
  title,
  children,
  width = 340,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  width?: number;
}) {
  const { t } = useTranslation();
  return (
    <HeadlessDialog open={open} onClose={onClose} className="relative z-40">
      <div className="fixed inset-y-0 right-0 flex max-w-full pl-10">
        <DialogPanel
          className="fade-in flex h-full max-w-full flex-col bg-surface shadow-float"
          style={{ width }}
        >
          <div className="flex h-12 shrink-0 items-center justify-between border-b border-line px-4">
            <DialogTitle className="text-place">{title}</DialogTitle>
            <IconButton
              label={t("common.close")}
              icon={<X size={15} strokeWidth={2} aria-hidden />}
              onClick={onClose}
            />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
        </DialogPanel>
      </div>
    </HeadlessDialog>
  );
}
