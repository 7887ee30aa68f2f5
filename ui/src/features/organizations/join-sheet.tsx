import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem, ServerPlace, ServerSeen } from "@/bindings";
import { useAct } from "@/data";
import { type Desk, problemOf } from "@/platform";
import { Button, Dialog, Field, FieldError, figure, machineZone, mediumDay } from "@/shared";
import { hostOf } from "./at-server";
import { SecretFields, type Typed } from "./secret-fields";

/** Joins an organization of a server: where it is, as whom, which one, and the first reading. */
export function JoinSheet({
  desk,
  link = "",
  onClose,
}: {
  desk: Desk;
  /** What is to be filled in; nothing is asked of it before a person goes on. */
  link?: string;
  onClose: () => void;
}) {
  const [address, setAddress] = useState(link);
  const [seen, setSeen] = useState<ServerSeen>();
  return seen ? (
    <AsWhom
      desk={desk}
      address={address}
      seen={seen}
      onBack={() => setSeen(undefined)}
      onClose={onClose}
    />
  ) : (
    <Where address={address} onAddress={setAddress} onSeen={setSeen} onClose={onClose} />
  );
}

function Where({
  address,
  onAddress,
  onSeen,
  onClose,
}: {
  address: string;
  onAddress: (text: string) => void;
  onSeen: (seen: ServerSeen) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const look = useAct<"look_at_server">();
  const problem = look.error ? problemOf(look.error) : undefined;
  const go = () => look.mutate({ act: { type: "look_at_server", address } }, { onSuccess: onSeen });
  return (
    <Sheet
      title={t("desk.join")}
      onClose={onClose}
      problem={problem}
      fields={["address"]}
      busy={look.isPending}
      action={t("common.next")}
      onSubmit={go}
    >
      <p className="text-text-2">{t("join_desk.lead")}</p>
      <Field
        label={t("join_desk.address")}
        placeholder="https://rostrum.example.org"
        autoFocus
        required
        spellCheck={false}
        value={address}
        onText={onAddress}
        error={wrong(problem, "address") && t("join_desk.address_wrong")}
      />
    </Sheet>
  );
}

function AsWhom({
  desk,
  address,
  seen,
  onBack,
  onClose,
}: {
  desk: Desk;
  address: string;
  seen: ServerSeen;
  onBack: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const join = useAct<"join_organization">();
  const [known, setKnown] = useState(seen.invitation === undefined);
  const [name, setName] = useState("");
  const [typed, setTyped] = useState<Typed>({
    email: seen.invitation?.email ?? "",
    password: "",
  });
  const [places, setPlaces] = useState<readonly ServerPlace[]>();
  const [read, setRead] = useState(0);
  const stop = useRef<AbortController>(undefined);
  const problem = join.error ? problemOf(join.error) : undefined;
  const go = (organization?: string) => {
    stop.current = new AbortController();
    setRead(0);
    const { email, password, code } = typed;
    join.mutate(
      {
        act: {
          type: "join_organization",
          address,
          email,
          password,
          ...(known ? {} : { name }),
          ...(code ? { code } : {}),
          ...(organization ? { organization } : {}),
        },
        watch: { signal: stop.current.signal, onProgress: ({ done }) => setRead(done) },
      },
      {
        onSuccess: (led) => {
          if (led.type === "joined") desk.enter(led.organization, "/today");
          else setPlaces(led.places);
        },
        onError: (error) => {
          // The login is there: perhaps it was made a moment ago, and only the reading failed.
          if (error.code === "conflict" || error.code === "code_expired") setKnown(true);
        },
      },
    );
  };
  const invitation = seen.invitation;
  if (join.isPending) {
    return (
      <Dialog open onClose={() => {}} closable={false} title={t("join_desk.reading")}>
        <p role="status" className="tnum pt-1 text-text-2">
          {read > 0
            ? t("join_desk.read", { count: read, figure: figure(read) })
            : t("join_desk.signing_in")}
        </p>
        <div className="mt-4 flex justify-end">
          <Button onClick={() => stop.current?.abort()}>{t("common.cancel")}</Button>
        </div>
      </Dialog>
    );
  }
  if (places) {
    return (
      <Dialog open onClose={onClose} title={t("join_desk.which")}>
        <ul className="flex flex-col gap-1.5 pt-2">
          {places.map((place) => (
            <li key={place.organization}>
              <Button className="w-full justify-start!" onClick={() => go(place.organization)}>
                <bdi>{place.organization_name}</bdi>
                <span className="text-text-3">{t(`role.${place.role}`)}</span>
              </Button>
            </li>
          ))}
        </ul>
        <Said problem={problem} fields={[]} />
      </Dialog>
    );
  }
  return (
    <Sheet
      title={
        invitation
          ? t("join.title", { organization: invitation.organization })
          : t("join_desk.sign_in", { host: hostOf(seen.server) })
      }
      onClose={onClose}
      problem={problem?.code === "second_factor" ? undefined : problem}
      fields={["email", "password", "code", "name"]}
      busy={false}
      action={t("join.go")}
      onSubmit={() => go()}
      foot={
        <Button kind="ghost" onClick={onBack}>
          {t("common.back")}
        </Button>
      }
    >
      <p className="text-text-2">
        {invitation
          ? `${
              invitation.invited_by
                ? t("join.lead_by", {
                    name: invitation.invited_by,
                    role: t(`role.${invitation.role}`),
                  })
                : t("join.lead", { role: t(`role.${invitation.role}`) })
            } ${t("join_desk.until", {
              host: hostOf(seen.server),
              day: mediumDay(invitation.ends_at, machineZone()),
            })}`
          : t("join_desk.copy")}
      </p>
      {known ? null : (
        <Field
          label={t("join.name")}
          autoComplete="name"
          required
          autoFocus
          value={name}
          onText={setName}
          error={wrong(problem, "name")}
        />
      )}
      <SecretFields
        typed={typed}
        onTyped={setTyped}
        fresh={!known}
        fixed={invitation?.email !== undefined}
        problem={problem}
      />
      {invitation ? (
        <button
          type="button"
          className="self-start text-meta font-medium text-accent-text hover:underline"
          onClick={() => {
            join.reset();
            setKnown(!known);
          }}
        >
          {known ? t("join_desk.new_login") : t("join.known")}
        </button>
      ) : null}
    </Sheet>
  );
}

/** One step: what is asked, what is wrong, one way on. */
export function Sheet({
  title,
  onClose,
  problem,
  fields,
  busy,
  action,
  onSubmit,
  foot,
  children,
}: {
  title: string;
  onClose: () => void;
  problem: Problem | undefined;
  /** Fields that say themselves what is wrong with them. */
  fields: readonly string[];
  busy: boolean;
  action: string;
  onSubmit: () => void;
  foot?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <Dialog open onClose={onClose} title={title}>
      <form
        aria-label={title}
        className="flex flex-col gap-3.5 pt-1"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSubmit();
        }}
      >
        {children}
        <Said problem={problem} fields={fields} />
        <div className="flex items-center justify-end gap-2">
          {foot}
          <Button kind="primary" submit busy={busy} onClick={() => {}}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A problem that no field says. */
function Said({ problem, fields }: { problem: Problem | undefined; fields: readonly string[] }) {
  const { t } = useTranslation();
  if (!problem || fields.some((field) => problem.fields?.[field] !== undefined)) return null;
  const words = t(`problem.${problem.code}`);
  return (
    <div data-selectable>
      <FieldError>
        <span>
          <span className="font-strong">{words}</span>{" "}
          {problem.message === words ? null : problem.message}
        </span>
      </FieldError>
    </div>
  );
}

/** What is wrong with a field. */
export function wrong(problem: Problem | undefined, field: string): string | undefined {
  return problem?.fields?.[field];
}
