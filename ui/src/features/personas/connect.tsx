import { Check } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  Account,
  ConnectField,
  ConnectionTest,
  ConnectMethod,
  Network,
  PersonaDetail,
  Problem,
  SignedIn,
} from "@/bindings";
import { newId, useAct, useAnswer } from "@/data";
import { problemOf } from "@/platform";
import {
  Button,
  Dialog,
  ErrorState,
  Field,
  NetworkTile,
  Segmented,
  SkeletonRows,
  say,
} from "@/shared";
import { useNamed } from "@/shared/named";
import { FolderField } from "@/shell";
import { ProblemState } from "@/shell/problem";
import { limitOf } from "./accounts";
import { Address } from "./address";
import { Whose } from "./whose";

/**
 * Signs in to a network: what to fill in, where to find it, a test that posts nothing, failures by
 * name. With `again` it renews the sign-in of an account.
 */
export function ConnectSheet({
  persona,
  again,
  open,
  onClose,
}: {
  persona: PersonaDetail | undefined;
  again?: Account | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const networks = useAnswer({ type: "networks" }, { enabled: open });
  const [chosen, setChosen] = useState<string>();
  // A sheet that opens anew begins anew.
  useEffect(() => {
    if (open) setChosen(again?.network);
  }, [open, again]);
  const network = networks.data?.find((one) => one.id === chosen);
  const title = again
    ? t("connect.again", { handle: again.handle })
    : network
      ? t("connect.to", { network: nameOf(network, t("network.site")) })
      : t("connect.title", { persona: persona?.profile.name ?? "" });
  return (
    <Dialog open={open && persona !== undefined} onClose={onClose} title={title} width={460}>
      {networks.error && !networks.data ? (
        <ProblemState error={networks.error} onAgain={() => void networks.refetch()} />
      ) : !networks.data ? (
        <SkeletonRows rows={3} height={46} label={t("common.reading")} />
      ) : network && persona ? (
        <Ways
          key={network.id}
          network={network}
          persona={persona}
          again={again}
          onBack={again ? undefined : () => setChosen(undefined)}
          onDone={onClose}
        />
      ) : (
        <Choose networks={networks.data} onChoose={setChosen} />
      )}
    </Dialog>
  );
}

const nameOf = (network: Network, site: string) => (network.id === "site" ? site : network.name);

function Choose({
  networks,
  onChoose,
}: {
  networks: readonly Network[];
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  return (
    <ul className="-mx-2 mt-2 flex flex-col">
      {networks
        .filter((one) => one.connectable)
        .map((one) => (
          <li key={one.id}>
            <button
              type="button"
              onClick={() => onChoose(one.id)}
              className="flex min-h-[46px] w-full items-center gap-3 rounded-control px-2 py-1.5 text-left hover:bg-hover"
            >
              <NetworkTile network={one.id} name={nameOf(one, t("network.site"))} size={24} />
              <span className="min-w-0 flex-1">
                <span className="block font-strong">{nameOf(one, t("network.site"))}</span>
                <span className="block text-meta text-text-2">
                  {named(`network.${one.id}.about`, limitOf(one.limits, t))}
                </span>
              </span>
            </button>
          </li>
        ))}
    </ul>
  );
}

/** The ways of a network; most have one. */
function Ways(sheet: {
  network: Network;
  persona: PersonaDetail;
  again: Account | undefined;
  onBack: (() => void) | undefined;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const { id, methods } = sheet.network;
  const [chosen, setChosen] = useState(methods[0]?.id ?? "");
  const method = methods.find((one) => one.id === chosen);
  return (
    <>
      {methods.length > 1 ? (
        <Segmented
          label={t("connect.way")}
          value={chosen}
          onChange={setChosen}
          options={methods.map((one) => ({
            value: one.id,
            label: named(`network.${id}.way.${one.id}`, one.id),
          }))}
          className="mt-2 self-start"
        />
      ) : null}
      {method ? <Sheet key={chosen} method={method} {...sheet} /> : null}
    </>
  );
}

function Sheet({
  network,
  method,
  persona,
  again,
  onBack,
  onDone,
}: {
  network: Network;
  method: ConnectMethod;
  persona: PersonaDetail;
  again: Account | undefined;
  onBack: (() => void) | undefined;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const connect = useAct<"connect">();
  const reconnect = useAct<"reconnect">();
  const signIn = useAct<"sign_in">();
  const test = useAct<"test_connection">();
  const stop = useRef<AbortController>(undefined);
  const [values, setValues] = useState<Record<string, string>>(() => startValues(method, again));
  const [tested, setTested] = useState<ConnectionTest>();
  const [problem, setProblem] = useState<Problem>();
  const [tried, setTried] = useState(false);
  const [page, setPage] = useState<string>();
  const [found, setFound] = useState<{ id: string; whose: SignedIn }>();
  const connecting = connect.isPending || reconnect.isPending || signIn.isPending;
  const busy = connecting || test.isPending;
  const site = t("network.site");
  const guide = named(
    `network.${network.id}.guide.${method.id}`,
    named(`network.${network.id}.guide`, ""),
  );

  useEffect(() => () => stop.current?.abort(), []);

  const missing = method.fields.filter(
    (field) => field.required && !values[field.name]?.trim() && !(again && field.kind !== "secret"),
  );
  const ready = () => {
    setTried(true);
    setTested(undefined);
    setProblem(undefined);
    return missing.length === 0;
  };
  const filled = Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );
  const watch = () => {
    stop.current = new AbortController();
    setPage(undefined);
    return { signal: stop.current.signal, onSignIn: setPage };
  };
  const failed = (error: unknown) => {
    setPage(undefined);
    const found = problemOf(error);
    if (found.code !== "cancelled") setProblem(found);
  };

  const onTest = async () => {
    if (!ready()) return;
    try {
      const answer = await test.mutateAsync({
        act: {
          type: "test_connection",
          network: network.id,
          method: method.id,
          fields: filled,
        },
        watch: watch(),
      });
      if (answer.problem) setProblem(answer.problem);
      else setTested(answer);
    } catch (error) {
      failed(error);
    }
  };
  const done = (handle: string) => {
    say({
      text: t("connect.done", { handle: handle || nameOf(network, site) }),
      tone: "ok",
      glyph: "ring-check",
    });
    onDone();
  };
  const onConnect = async () => {
    if (!ready()) return;
    const given = { method: method.id, fields: filled };
    try {
      if (again) {
        const act = { type: "reconnect", id: again.id, ...given } as const;
        done((await reconnect.mutateAsync({ act, watch: watch() })).handle);
        return;
      }
      const place = { id: newId(), persona: persona.id, network: network.id, ...given };
      if (method.browser) {
        const act = { type: "sign_in", ...place } as const;
        const whose = await signIn.mutateAsync({ act, watch: watch() });
        setFound({ id: place.id, whose });
        return;
      }
      const act = { type: "connect", ...place } as const;
      done((await connect.mutateAsync({ act, watch: watch() })).handle);
    } catch (error) {
      failed(error);
    }
  };

  if (found) {
    return (
      <Whose
        id={found.id}
        whose={found.whose}
        network={nameOf(network, site)}
        onKept={(account) => done(account.handle)}
        onRefused={() => setFound(undefined)}
      />
    );
  }
  return (
    <form
      className="mt-2 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void onConnect();
      }}
    >
      {guide ? (
        <p className="text-base text-text-2">
          {guide}
          {method.guide_url ? <Address address={method.guide_url} /> : null}
        </p>
      ) : null}
      {method.callback ? (
        <p className="text-base text-text-2">
          {t("connect.callback", { network: network.name })}
          <Address address={method.callback} />
        </p>
      ) : null}
      {method.fields.map((field, at) => (
        <FieldOf
          key={field.name}
          network={network.id}
          field={field}
          value={values[field.name] ?? ""}
          first={at === 0}
          onText={(text) => {
            setValues((old) => ({ ...old, [field.name]: text }));
            setTested(undefined);
          }}
          error={
            problem?.fields?.[field.name] ??
            (tried && missing.includes(field) ? t("connect.missing") : undefined)
          }
        />
      ))}
      <div aria-live="polite">
        {problem ? (
          <ErrorState
            title={named(`connect.problem.${problem.code}`, t(`problem.${problem.code}`))}
            body={problem.message}
          />
        ) : null}
        {busy && page ? (
          <div className="rounded-control bg-hover px-3 py-2.5">
            <p className="font-strong">{t("connect.waiting", { network: network.name })}</p>
            <p className="text-text-2">{t("connect.waiting_more")}</p>
            <Address address={page} />
          </div>
        ) : null}
        {tested ? (
          <p className="flex items-center gap-2 rounded-control bg-ok-bg px-3 py-2 text-ok-fg">
            <Check size={15} strokeWidth={2} aria-hidden />
            {t("connect.works", { handle: tested.handle ?? nameOf(network, site) })}
          </p>
        ) : null}
      </div>
      <p className="text-meta text-text-3">{t("accounts.kept")}</p>
      <div className="flex items-center gap-2 border-t border-line pt-3">
        {onBack ? (
          <Button kind="ghost" onClick={onBack}>
            {t("common.back")}
          </Button>
        ) : null}
        <span className="ml-auto flex gap-2">
          {busy ? (
            <Button kind="ghost" onClick={() => stop.current?.abort()}>
              {t("common.cancel")}
            </Button>
          ) : null}
          {method.browser ? null : (
            <Button onClick={() => void onTest()} busy={busy}>
              {test.isPending ? t("connect.testing") : t("connect.test")}
            </Button>
          )}
          <Button submit kind="primary" busy={busy} onClick={() => {}}>
            {connecting
              ? t("connect.connecting")
              : method.browser
                ? t("connect.browser")
                : again
                  ? t("accounts.reconnect")
                  : t("connect.connect")}
          </Button>
        </span>
      </div>
    </form>
  );
}

function startValues(method: ConnectMethod, again: Account | undefined): Record<string, string> {
  const values = Object.fromEntries(method.fields.map((one) => [one.name, one.default]));
  if (!again) return values;
  for (const field of method.fields) {
    if (field.kind === "folder" || field.name === "service") values[field.name] = again.service;
    if (field.name === "handle" || field.name === "identifier") {
      values[field.name] = again.handle.replace(/^@/, "");
    }
  }
  return values;
}

function FieldOf({
  network,
  field,
  value,
  first,
  onText,
  error,
}: {
  network: string;
  field: ConnectField;
  value: string;
  first: boolean;
  onText: (text: string) => void;
  error: string | undefined;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const words = `network.${network}.${field.name}`;
  const label = named(`${words}.label`, field.name.replaceAll("_", " "));
  const common = {
    label: field.required ? label : t("connect.optional", { label }),
    hint: named(`${words}.hint`, "") || undefined,
    error,
    value,
    onText,
    autoFocus: first,
  };
  if (field.kind === "folder") return <FolderField {...common} />;
  return (
    <Field
      {...common}
      type={field.kind === "secret" ? "password" : "text"}
      inputMode={field.kind === "url" ? "url" : undefined}
      spellCheck={false}
      autoCapitalize="off"
    />
  );
}
