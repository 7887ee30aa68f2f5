import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Door, Invited, ProblemError } from "@/platform";
import { Button, Field } from "@/shared";
import { ProblemState } from "@/shell/problem";
import { Card } from "./card";
import { SignIn } from "./sign-in";
import { useWay } from "./use-way";

/** Where an invitation's link leads: a new login, or the one that somebody has. */
export function Join({ door, token }: { door: Door; token: string }) {
  const { t } = useTranslation();
  const invited = useQuery<Invited, ProblemError>({
    queryKey: ["door", "invitation", token],
    queryFn: () => door.look(token),
    retry: false,
  });
  // Whoever is signed in already joins as that login.
  const me = useQuery({ queryKey: ["door", "me"], queryFn: () => door.me(), retry: false });
  const [known, setKnown] = useState(false);
  if (invited.error) {
    return (
      <div className="flex h-full items-center justify-center bg-bg p-8">
        <ProblemState
          error={invited.error}
          onAgain={() => void invited.refetch()}
          className="max-w-lg"
        />
      </div>
    );
  }
  if (!invited.data || me.isLoading) return <div className="h-full bg-bg" />;
  if (me.data) return <AsMe door={door} token={token} invited={invited.data} me={me.data} />;
  if (known) return <SignIn door={door} onIn={() => void me.refetch()} />;
  return (
    <AsNew
      door={door}
      token={token}
      invited={invited.data}
      foot={
        <Button kind="ghost" size="big" onClick={() => setKnown(true)}>
          {t("join.known")}
        </Button>
      }
    />
  );
}

function useLead(invited: Invited): string {
  const { t } = useTranslation();
  const role = t(`role.${invited.role}`);
  return invited.invited_by
    ? t("join.lead_by", { name: invited.invited_by, role })
    : t("join.lead", { role });
}

function AsMe({
  door,
  token,
  invited,
  me,
}: {
  door: Door;
  token: string;
  invited: Invited;
  me: Awaited<ReturnType<Door["me"]>>;
}) {
  const { t } = useTranslation();
  const lead = useLead(invited);
  const way = useWay(
    async () => door.enter((await door.join(token)).organization),
    () => {},
  );
  return (
    <Card
      title={t("join.title", { organization: invited.organization })}
      lead={
        <>
          {lead} {t("join.as", { email: me.email })}
        </>
      }
      problem={way.problem}
      action={t("join.go")}
      busy={way.busy}
      onSubmit={() => way.go(undefined)}
    >
      <OnThisComputer />
    </Card>
  );
}

/** The link again, for the desktop program where it is installed. */
function OnThisComputer() {
  const { t } = useTranslation();
  const link = encodeURIComponent(window.location.href);
  return (
    <a href={`rostrum://join?link=${link}`} className="self-start text-meta max-sm:hidden">
      {t("join.on_desktop")}
    </a>
  );
}

function AsNew({
  door,
  token,
  invited,
  foot,
}: {
  door: Door;
  token: string;
  invited: Invited;
  foot: React.ReactNode;
}) {
  const { t } = useTranslation();
  const lead = useLead(invited);
  const [name, setName] = useState("");
  const [email, setEmail] = useState(invited.email ?? "");
  const [password, setPassword] = useState("");
  const way = useWay(
    () => door.register({ name, email, password, invitation: token }),
    () => window.location.assign("/"),
  );
  return (
    <Card
      title={t("join.title", { organization: invited.organization })}
      lead={lead}
      problem={way.problem}
      action={t("join.go")}
      busy={way.busy}
      onSubmit={() => way.go(undefined)}
      foot={foot}
    >
      <Field
        label={t("join.name")}
        name="name"
        autoComplete="name"
        autoFocus
        required
        value={name}
        onText={setName}
        className="max-sm:h-11!"
      />
      <Field
        label={t("sign_in.email")}
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={invited.email !== null}
        value={email}
        onText={setEmail}
        error={way.wrong("email") && t("join.email_wrong")}
        className="max-sm:h-11!"
      />
      <NewPassword value={password} onText={setPassword} wrong={way.wrong("password")} />
      <OnThisComputer />
    </Card>
  );
}

/** A password that is chosen; what is asked of it is said before. */
export function NewPassword({
  value,
  onText,
  wrong,
}: {
  value: string;
  onText: (text: string) => void;
  wrong: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <Field
      label={t("join.password")}
      hint={t("join.password_hint")}
      type="password"
      name="new-password"
      autoComplete="new-password"
      required
      value={value}
      onText={onText}
      error={wrong && t("join.password_wrong")}
      className="max-sm:h-11!"
    />
  );
}
