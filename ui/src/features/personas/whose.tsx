import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Problem, SignedIn } from "@/bindings";
import { useAct, useCore } from "@/data";
import { problemOf } from "@/platform";
import { Button, ErrorState, NetworkTile } from "@/shared";
import { useNamed } from "@/shared/named";

/**
 * Whose account the browser brought: it is kept only when somebody says that it is theirs. Whoever
 * leaves without a word has not said so.
 */
export function Whose({
  id,
  whose,
  network,
  onKept,
  onRefused,
}: {
  id: string;
  whose: SignedIn;
  network: string;
  onKept: (account: Account) => void;
  onRefused: () => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const core = useCore();
  const keep = useAct<"keep_sign_in">();
  const [problem, setProblem] = useState<Problem>();
  const said = useRef(false);
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      // A strict React takes effects away and back again at once: that is no leaving.
      setTimeout(() => {
        if (here.current || said.current) return;
        core.act({ type: "refuse_sign_in", id }).catch(() => undefined);
      });
    };
  }, [core, id]);
  const onYes = async () => {
    setProblem(undefined);
    said.current = true;
    try {
      onKept(await keep.mutateAsync({ act: { type: "keep_sign_in", id } }));
    } catch (error) {
      said.current = false;
      setProblem(problemOf(error));
    }
  };
  const at = whose.service.replace(/^https?:\/\//, "");
  return (
    <div className="mt-2 flex flex-col gap-3">
      <h3 className="text-title">{t("whose.title")}</h3>
      <div className="flex items-center gap-3 rounded-control bg-hover px-3 py-2.5">
        {whose.avatar ? (
          <img src={whose.avatar} alt="" className="size-11 rounded-full object-cover" />
        ) : (
          <NetworkTile network={whose.network} name={network} size={44} />
        )}
        <div className="min-w-0" data-selectable>
          {whose.display_name ? <p className="ellipsis font-strong">{whose.display_name}</p> : null}
          <p className="ellipsis">{whose.handle}</p>
          <p className="ellipsis text-meta text-text-2">{at ? `${network} · ${at}` : network}</p>
        </div>
      </div>
      <p className="text-text-2">{t("whose.body")}</p>
      {problem ? (
        <ErrorState
          title={named(`connect.problem.${problem.code}`, t(`problem.${problem.code}`))}
          body={problem.message}
        />
      ) : null}
      <div className="flex justify-end gap-2 border-t border-line pt-3">
        <Button onClick={onRefused} disabled={keep.isPending}>
          {t("whose.no")}
        </Button>
        <Button kind="primary" busy={keep.isPending} onClick={() => void onYes()}>
          {t("whose.yes")}
        </Button>
      </div>
    </div>
  );
}
