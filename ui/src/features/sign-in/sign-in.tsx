import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Door } from "@/platform";
import { Button, Field } from "@/shared";
import { Card } from "./card";
import { Forgotten } from "./forgotten";
import { useWay } from "./use-way";

/** Address and password, and the code of the second factor when it is asked for. */
export function SignIn({ door, onIn }: { door: Door; onIn?: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const codeField = useRef<HTMLInputElement>(null);
  const way = useWay(
    (given: Parameters<Door["signIn"]>[0]) => door.signIn(given),
    () => (onIn ? onIn() : void cache.resetQueries()),
  );
  const ways = useQuery({ queryKey: ["door", "ways"], queryFn: () => door.ways(), retry: false });
  const [forgotten, setForgotten] = useState(false);
  const asksCode = way.problem?.code === "second_factor" || way.wrong("code") !== undefined;
  const [withCode, setWithCode] = useState(false);
  useEffect(() => {
    if (asksCode) setWithCode(true);
  }, [asksCode]);
  useEffect(() => {
    if (withCode) codeField.current?.focus();
  }, [withCode]);
  if (forgotten) return <Forgotten door={door} onBack={() => setForgotten(false)} />;
  return (
    <Card
      title={t("sign_in.title")}
      lead={t("sign_in.lead")}
      problem={way.problem?.code === "second_factor" ? undefined : way.problem}
      action={t("sign_in.go")}
      busy={way.busy}
      onSubmit={() => way.go({ email, password, ...(withCode ? { code } : {}) })}
      foot={
        ways.data?.mail ? (
          <Button kind="ghost" size="big" onClick={() => setForgotten(true)}>
            {t("sign_in.forgotten_mail")}
          </Button>
        ) : (
          <p className="text-meta text-text-3">{t("sign_in.forgotten")}</p>
        )
      }
    >
      <Field
        label={t("sign_in.email")}
        type="email"
        name="email"
        autoComplete="username"
        autoFocus
        required
        value={email}
        onText={setEmail}
        className="max-sm:h-11!"
      />
      <Field
        label={t("sign_in.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onText={setPassword}
        className="max-sm:h-11!"
      />
      {withCode ? (
        <Field
          ref={codeField}
          label={t("sign_in.code")}
          hint={t("sign_in.code_hint")}
          error={way.wrong("code") && t("sign_in.code_wrong")}
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onText={setCode}
          className="max-sm:h-11!"
        />
      ) : null}
    </Card>
  );
}
