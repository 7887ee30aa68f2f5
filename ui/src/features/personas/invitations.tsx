import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "@/bindings";
import { useMailLanguage } from "@/features/sign-in";
import type { Door, Invitation } from "@/platform";
import { Button, dayAndClock, Field, machineZone, mediumDay, Select, say } from "@/shared";
import { sayProblem } from "@/shell/problem";
import { ROLES } from "./roles";

/** Who was invited and has not come yet, and a new invitation. */
export function Invitations({ door }: { door: Door }) {
  const me = useQuery({ queryKey: ["door", "me"], queryFn: () => door.me() });
  const organization = door.organization ?? me.data?.organizations[0]?.organization;
  return organization ? <Of door={door} organization={organization} /> : null;
}

function Of({ door, organization }: { door: Door; organization: string }) {
  const { t } = useTranslation();
  const language = useMailLanguage();
  const ways = useQuery({ queryKey: ["door", "ways"], queryFn: () => door.ways() });
  const mails = ways.data?.mail === true;
  const open = useQuery({
    queryKey: ["door", "invitations", organization],
    queryFn: () => door.invitations(organization),
    retry: false,
    // What becomes of a letter shows while it is on its way.
    refetchInterval: ({ state }) => (mails && state.data?.some(isOnItsWay) ? 3_000 : false),
  });
  const state = useQuery({
    queryKey: ["door", "mail", organization],
    queryFn: () => door.mailState(organization),
    retry: false,
    enabled: mails,
    refetchInterval: 30_000,
  });
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("approver");
  const [link, setLink] = useState<string>();
  const [busy, setBusy] = useState(false);
  // Only those who manage people see them.
  if (!open.data) return null;
  const invite = async () => {
    setBusy(true);
    try {
      const address = email.trim();
      const made = await door.invite(organization, {
        role,
        language,
        ...(address ? { email: address } : {}),
      });
      setLink(made.link);
      if (made.by_mail) say({ text: t("invite.by_mail", { email: address }), tone: "ok" });
      setEmail("");
      await open.refetch();
    } catch (error) {
      sayProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const withdraw = (id: string) =>
    door.withdraw(organization, id).then(
      () => void open.refetch(),
      (error) => sayProblem(error),
    );
  const mail = (id: string) =>
    door.mailInvitation(organization, id, language).then(
      () => void open.refetch(),
      (error) => sayProblem(error),
    );
  const copy = async () => {
    if (!link) return;
    try {
      await navigator.clipboard.writeText(link);
      say({ text: t("invite.copied"), tone: "ok", glyph: "stop" });
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <section aria-label={t("invite.title")}>
      {state.data?.trouble && state.data.since ? (
        <p role="status" className="border-b border-line px-6 py-2.5 text-bad-fg max-sm:px-4">
          {t("invite.mail_stands", {
            time: dayAndClock(state.data.since, machineZone()),
            why: t(`invite.mail_why.${state.data.trouble}`),
          })}
        </p>
      ) : null}
      <ul>
        {open.data.map((one) => (
          <li
            key={one.id}
            className="flex min-h-[46px] flex-wrap items-center gap-3 border-b border-line px-6 py-1.5 max-sm:px-4"
          >
            <span className="min-w-32 flex-1 text-text-2">
              {one.email ?? t("invite.anybody")}
              <span className="block text-meta text-text-3">
                {t("invite.until", {
                  role: t(`role.${one.role}`),
                  day: mediumDay(one.ends_at, machineZone()),
                })}
              </span>
              {mails && one.email ? <Mailed invitation={one} /> : null}
            </span>
            {mails && one.email ? (
              <Button size="row" onClick={() => void mail(one.id)}>
                {t("invite.mail_again")}
              </Button>
            ) : null}
            <Button size="row" onClick={() => void withdraw(one.id)}>
              {t("invite.withdraw")}
            </Button>
          </li>
        ))}
      </ul>
      <form
        aria-label={t("invite.title")}
        className="flex flex-wrap items-end gap-3 px-6 py-4 max-sm:px-4"
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <Field
          label={t("invite.email")}
          type="email"
          value={email}
          onText={setEmail}
          boxClassName="w-56"
        />
        <span className="w-44">
          <Select
            label={t("people.role")}
            value={role}
            onChange={setRole}
            choices={ROLES.map((one) => ({ value: one, label: t(`role.${one}`) }))}
          />
        </span>
        <Button
          submit
          busy={busy}
          icon={<Plus size={14} strokeWidth={2} aria-hidden />}
          onClick={() => {}}
        >
          {t("invite.go")}
        </Button>
      </form>
      {link ? (
        <div className="px-6 pb-4 max-sm:px-4">
          <div className="flex flex-wrap items-end gap-3">
            <Field
              label={t("invite.link")}
              readOnly
              value={link}
              onText={() => {}}
              boxClassName="min-w-0 flex-1"
            />
            <Button onClick={() => void copy()}>{t("invite.copy")}</Button>
          </div>
          <p className="mt-1 text-meta text-text-3">{t("invite.once")}</p>
        </div>
      ) : null}
    </section>
  );
}

function isOnItsWay(invitation: Invitation): boolean {
  return invitation.email !== null && invitation.mailed_at === null;
}

/** What became of the letter with its link. */
function Mailed({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const { mailed_at: at, mail_trouble: trouble } = invitation;
  if (trouble) {
    return (
      <span className="block text-meta text-bad-fg" data-selectable>
        {t("invite.mail_trouble", { words: trouble })}
      </span>
    );
  }
  return (
    <span className="block text-meta text-text-3">
      {at ? t("invite.mailed", { day: mediumDay(at, machineZone()) }) : t("invite.mailing")}
    </span>
  );
}
