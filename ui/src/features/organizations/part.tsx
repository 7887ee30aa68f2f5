import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { JoinedOrganization } from "@/bindings";
import { useAct, useCore, useOrganizations } from "@/data";
import { type Desk, problemOf } from "@/platform";
import { AskDialog, Button, SkeletonRows } from "@/shared";
import { sayProblem } from "@/shell/problem";
import { standingOf } from "@/shell/sync";
import { Block, Line } from "../settings/line";
import { hostOf } from "./at-server";
import { JoinSheet, Sheet } from "./join-sheet";
import { SecretFields, type Typed } from "./secret-fields";

/** The organizations of servers on this computer: how they stand, joining and leaving. */
export function OrganizationsPart() {
  const { t } = useTranslation();
  const { desk } = useCore();
  const navigate = useNavigate();
  const all = useOrganizations();
  const { join } = useSearch({ strict: false }) as { join?: string };
  const [adding, setAdding] = useState(false);
  if (!desk) return null;
  return (
    <>
      <Block
        title={t("settings.part.organizations")}
        aside={
          <Button
            size="row"
            icon={<Plus size={13} strokeWidth={2} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t("desk.join")}
          </Button>
        }
      >
        {all ? (
          all.joined.length > 0 ? (
            all.joined.map((one) => <Joined key={one.organization} desk={desk} one={one} />)
          ) : (
            <p className="py-3 text-text-2">{t("desk.none")}</p>
          )
        ) : (
          <SkeletonRows rows={2} height={46} label={t("common.reading")} />
        )}
      </Block>
      {adding || join ? (
        <JoinSheet
          desk={desk}
          link={join ?? ""}
          onClose={() => {
            setAdding(false);
            if (join) void navigate({ to: "/settings/{-$part}", search: {}, replace: true });
          }}
        />
      ) : null}
    </>
  );
}

function Joined({ desk, one }: { desk: Desk; one: JoinedOrganization }) {
  const { t } = useTranslation();
  const leave = useAct<"leave_organization">();
  const [asking, setAsking] = useState(false);
  const [signing, setSigning] = useState(false);
  const standing = standingOf(one, t);
  const out = one.status.type === "needs_attention" && one.status.problem?.code === "signed_out";
  const onLeave = () =>
    leave.mutate(
      { act: { type: "leave_organization", organization: one.organization } },
      { onError: (error) => sayProblem(error) },
    );
  return (
    <Line
      title={<bdi>{one.name}</bdi>}
      hint={
        <>
          <span data-selectable>
            {t("desk.as", { email: one.email, host: hostOf(one.server) })}
          </span>
          <span className={standing.attention ? "block text-warn-fg" : "block"}>
            {standing.text}
          </span>
        </>
      }
    >
      {out ? (
        <Button size="row" kind="primary" onClick={() => setSigning(true)}>
          {t("sign_in.title")}
        </Button>
      ) : null}
      {one.organization === desk.organization ? (
        <span className="text-text-3">{t("shell.here")}</span>
      ) : (
        <Button size="row" onClick={() => desk.enter(one.organization)}>
          {t("common.open")}
        </Button>
      )}
      <Button size="row" kind="danger" busy={leave.isPending} onClick={() => setAsking(true)}>
        {t("desk.leave")}
      </Button>
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("desk.leave_title", { name: one.name })}
        body={
          <>
            {one.waiting > 0 ? (
              <strong className="mb-1 block font-strong text-warn-fg">
                {t("desk.leave_waiting", { count: one.waiting })}
              </strong>
            ) : null}
            {t("desk.leave_body")}
          </>
        }
        safe={t("desk.stay")}
        onSafe={() => {}}
        other={t("desk.leave")}
        onOther={onLeave}
        danger
      />
      {signing ? <SignInAgain one={one} onClose={() => setSigning(false)} /> : null}
    </Line>
  );
}

/** The sign-in was ended, at the server or with the keychain: what waits here goes on after it. */
export function SignInAgain({ one, onClose }: { one: JoinedOrganization; onClose: () => void }) {
  const { t } = useTranslation();
  const again = useAct<"sign_in_again">();
  const [typed, setTyped] = useState<Typed>({ email: one.email, password: "" });
  const problem = again.error ? problemOf(again.error) : undefined;
  return (
    <Sheet
      title={t("join_desk.sign_in", { host: hostOf(one.server) })}
      onClose={onClose}
      problem={problem?.code === "second_factor" ? undefined : problem}
      fields={["code"]}
      busy={again.isPending}
      action={t("sign_in.go")}
      onSubmit={() =>
        again.mutate(
          {
            act: {
              type: "sign_in_again",
              organization: one.organization,
              password: typed.password,
              ...(typed.code ? { code: typed.code } : {}),
            },
          },
          { onSuccess: onClose },
        )
      }
    >
      <SecretFields typed={typed} onTyped={setTyped} fresh={false} fixed problem={problem} />
    </Sheet>
  );
}
