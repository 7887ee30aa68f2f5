import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Door } from "@/platform";
import { Button, Field, machineZone, mediumDay, SkeletonRows, say } from "@/shared";
import { ProblemState, sayProblem } from "@/shell";
import { Block, Line } from "./line";

/** How one gets in to the server: password, second factor, and where one is signed in. */
export function Login({ door }: { door: Door }) {
  const { t } = useTranslation();
  const me = useQuery({ queryKey: ["door", "me"], queryFn: () => door.me() });
  if (me.error) return <ProblemState error={me.error} onAgain={() => void me.refetch()} />;
  if (!me.data) return <SkeletonRows rows={6} height={46} label={t("common.reading")} />;
  return (
    <>
      <Block title={t("settings.part.login")}>
        <Line title={me.data.email} hint={me.data.name}>
          <Button size="row" onClick={() => void door.signOut().catch(sayProblem)}>
            {t("login.sign_out")}
          </Button>
        </Line>
        <Password door={door} />
      </Block>
      <SecondFactor door={door} on={me.data.second_factor} left={me.data.recovery_codes} />
      <Sessions door={door} />
    </>
  );
}

function Password({ door }: { door: Door }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [busy, setBusy] = useState(false);
  if (!open) {
    return (
      <Line title={t("login.password")}>
        <Button size="row" onClick={() => setOpen(true)}>
          {t("login.change")}
        </Button>
      </Line>
    );
  }
  const save = async () => {
    setBusy(true);
    try {
      await door.changePassword(old, fresh);
      setOpen(false);
      setOld("");
      setFresh("");
      say({ text: t("login.changed"), tone: "ok", glyph: "stop" });
    } catch (error) {
      sayProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      aria-label={t("login.password")}
      className="flex flex-col gap-3 border-b border-line py-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field
        label={t("login.old")}
        type="password"
        autoComplete="current-password"
        autoFocus
        value={old}
        onText={setOld}
      />
      <Field
        label={t("join.password")}
        hint={t("join.password_hint")}
        type="password"
        autoComplete="new-password"
        value={fresh}
        onText={setFresh}
      />
      <div className="flex gap-2">
        <Button kind="primary" submit busy={busy} onClick={() => {}}>
          {t("login.change")}
        </Button>
        <Button kind="ghost" onClick={() => setOpen(false)}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}

function SecondFactor({ door, on, left }: { door: Door; on: boolean; left: number }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [setup, setSetup] = useState<{ secret: string; address: string }>();
  const [codes, setCodes] = useState<string[]>();
  // What a password is asked for.
  const [asked, setAsked] = useState<"begin" | "remove">();
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const again = () => void cache.invalidateQueries({ queryKey: ["door"] });
  const over = () => {
    setSetup(undefined);
    setAsked(undefined);
    setCode("");
    setPassword("");
    again();
  };
  const confirm = async () => {
    try {
      setCodes((await door.confirmSecondFactor(code)).recovery_codes);
      over();
    } catch (error) {
      sayProblem(error);
    }
  };
  const remove = async () => {
    try {
      await door.removeSecondFactor(password, code);
      setCodes(undefined);
      over();
    } catch (error) {
      sayProblem(error);
    }
  };
  const begin = async () => {
    try {
      setSetup(await door.beginSecondFactor(password));
      setPassword("");
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Block title={t("login.second")}>
      <Line
        title={on ? t("login.second_on") : t("login.second_off")}
        hint={on ? t("login.codes_left", { count: left }) : t("login.second_means")}
      >
        {on ? (
          <Button size="row" kind="danger" onClick={() => setAsked("remove")}>
            {t("login.second_remove")}
          </Button>
        ) : (
          <Button size="row" onClick={() => setAsked("begin")}>
            {t("login.second_begin")}
          </Button>
        )}
      </Line>
      {asked ? (
        <form
          aria-label={t("login.second")}
          className="flex flex-col gap-3 border-b border-line py-3"
          onSubmit={(event) => {
            event.preventDefault();
            void (setup ? confirm() : asked === "begin" ? begin() : remove());
          }}
        >
          {setup ? (
            <>
              <p className="text-text-2">{t("login.second_add")}</p>
              <p className="font-mono text-text [overflow-wrap:anywhere]" data-selectable>
                {setup.secret.replace(/(.{4})(?!$)/g, "$1 ")}
              </p>
              <a href={setup.address}>{t("login.second_open")}</a>
            </>
          ) : (
            <Field
              label={t("sign_in.password")}
              type="password"
              autoComplete="current-password"
              autoFocus
              value={password}
              onText={setPassword}
            />
          )}
          {setup || asked === "remove" ? (
            <Field
              label={t("sign_in.code")}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onText={setCode}
            />
          ) : null}
          <div className="flex gap-2">
            <Button kind="primary" submit onClick={() => {}}>
              {setup
                ? t("login.second_confirm")
                : t(asked === "begin" ? "login.second_begin" : "login.second_remove")}
            </Button>
            <Button kind="ghost" onClick={over}>
              {t("common.cancel")}
            </Button>
          </div>
        </form>
      ) : null}
      {codes ? (
        <div className="border-b border-line py-3">
          <p className="text-text-2">{t("login.codes")}</p>
          <ul className="mt-2 grid grid-cols-2 gap-1 font-mono text-journal" data-selectable>
            {codes.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </Block>
  );
}

function Sessions({ door }: { door: Door }) {
  const { t } = useTranslation();
  const sessions = useQuery({ queryKey: ["door", "sessions"], queryFn: () => door.sessions() });
  const end = (id: string) =>
    door.endSession(id).then(
      () => void sessions.refetch(),
      (error) => sayProblem(error),
    );
  return (
    <Block title={t("login.sessions")}>
      {sessions.error ? (
        <ProblemState error={sessions.error} onAgain={() => void sessions.refetch()} />
      ) : sessions.data ? (
        sessions.data.map((one) => (
          <Line
            key={one.id}
            title={<span className="[overflow-wrap:anywhere]">{one.agent || one.address}</span>}
            hint={t("login.session", {
              address: one.address,
              day: mediumDay(one.used_at, machineZone()),
            })}
          >
            {one.current ? (
              <span className="text-text-3">{t("login.here")}</span>
            ) : (
              <Button size="row" onClick={() => void end(one.id)}>
                {t("login.end")}
              </Button>
            )}
          </Line>
        ))
      ) : (
        <SkeletonRows rows={2} height={46} label={t("common.reading")} />
      )}
    </Block>
  );
}
