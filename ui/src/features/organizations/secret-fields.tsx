import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/bindings";
import { Field } from "@/shared";

export interface Typed {
  email: string;
  password: string;
  code?: string;
}

/** Address and password, and the code of the second factor when the server asks for it. */
export function SecretFields({
  typed,
  onTyped,
  fresh,
  fixed,
  problem,
}: {
  typed: Typed;
  onTyped: (typed: Typed) => void;
  /** A password is chosen, not given. */
  fresh: boolean;
  /** The address is known. */
  fixed: boolean;
  problem: Problem | undefined;
}) {
  const { t } = useTranslation();
  const wrong = (field: string) => problem?.fields?.[field] !== undefined;
  const asked = problem?.code === "second_factor" || wrong("code");
  const [withCode, setWithCode] = useState(false);
  useEffect(() => {
    if (asked) setWithCode(true);
  }, [asked]);
  return (
    <>
      <Field
        label={t("sign_in.email")}
        type="email"
        autoComplete="username"
        required
        autoFocus={!fresh && !fixed}
        readOnly={fixed}
        value={typed.email}
        onText={(email) => onTyped({ ...typed, email })}
        error={wrong("email") ? t("join.email_wrong") : undefined}
      />
      <Field
        label={fresh ? t("join.password") : t("sign_in.password")}
        hint={fresh ? t("join.password_hint") : undefined}
        type="password"
        autoComplete={fresh ? "new-password" : "current-password"}
        required
        autoFocus={!fresh && fixed}
        value={typed.password}
        onText={(password) => onTyped({ ...typed, password })}
        error={wrong("password") ? t("join.password_wrong") : undefined}
      />
      {withCode ? (
        <Field
          label={t("sign_in.code")}
          hint={t("sign_in.code_hint")}
          error={wrong("code") ? t("sign_in.code_wrong") : undefined}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          value={typed.code ?? ""}
          onText={(code) => onTyped({ ...typed, code })}
        />
      ) : null}
    </>
  );
}
