import { useEffect, useRef, useState } from "react";
import type { Asset, Problem } from "@/bindings";
import { useCore } from "@/data";
import { type Progress, problemOf } from "@/platform";

/** A file on its way into the library, or refused by it. */
export interface Upload {
  id: number;
  name: string;
  bytes: number;
  progress?: Progress;
  problem?: Problem;
  cancel: () => void;
}

/** The bytes of a file in Base64. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(",") + 1));
    };
    reader.onerror = () => reject(reader.error ?? new Error("the file could not be read"));
    reader.readAsDataURL(file);
  });
}

/** Pictures among what was dropped or pasted. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

let numbers = 0;

/**
 * Takes files into the library one after the other; what is refused stays in sight with its
 * reason until it is put away.
 */
export function useImports(onAsset: (asset: Asset) => void) {
  const core = useCore();
  const [uploads, setUploads] = useState<Upload[]>([]);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const here = useRef(true);
  const done = useRef(onAsset);
  done.current = onAsset;
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);

  const change = (id: number, with_: Partial<Upload>) =>
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...with_ } : upload)));
  const dismiss = (id: number) => setUploads((all) => all.filter((upload) => upload.id !== id));

  const take = (files: readonly File[]) => {
    for (const file of files) {
      numbers += 1;
      const id = numbers;
      const stop = new AbortController();
      setUploads((all) => [
        ...all,
        {
          id,
          name: file.name || "picture",
          bytes: file.size,
          cancel: () => {
            stop.abort();
            dismiss(id);
          },
        },
      ]);
      queue.current = queue.current.then(async () => {
        if (stop.signal.aborted) return;
        try {
          const data = await base64Of(file);
          const asset = (await core.act(
            { type: "import_asset", name: file.name || "picture", data },
            { onProgress: (progress) => change(id, { progress }), signal: stop.signal },
          )) as Asset;
          dismiss(id);
          if (here.current && !stop.signal.aborted) done.current(asset);
        } catch (error) {
          const problem = problemOf(error);
          if (problem.code === "cancelled" || stop.signal.aborted) dismiss(id);
          else change(id, { problem });
        }
      });
    }
  };

  return { uploads, take, dismiss };
}

/** `3.1 MB`, as files are sized everywhere: in thousands. */
export function fileSize(bytes: number, language?: string): string {
  const [unit, size] =
    bytes < 1_000_000
      ? (["kilobyte", bytes / 1_000] as const)
      : (["megabyte", bytes / 1_000_000] as const);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: unit === "megabyte" && size < 10 ? 1 : 0,
  })
    .format(size)
    .replace("kB", "KB");
}
