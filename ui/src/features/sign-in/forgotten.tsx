import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Door } from "@/platform";
import { Button, Field } from "@/shared";
import { Card } from "./card";
import { useMailLanguage } from "./mail-language";
import { useWay } from "./use-way";

/** Asks for a link by mail with which a password is set anew. */
export function Forgotten({ door, onBack }: { door: Door; onBack: () => void }) {
  const { t } = useTranslation();
  const language = useMailLanguage();
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const way = useWay(
    () => door.forgotten(email, language),
    () => setSent(true),
  );
  return (
    <Card
      title={t("forgotten.title")}
      lead={<span role="status">{sent ? t("forgotten.sent") : t("forgotten.lead")}</span>}
      problem={way.problem}
      action={sent ? t("forgotten.back") : t("forgotten.go")}
      busy={!sent && way.busy}
      onSubmit={() => (sent ? onBack() : way.go(undefined))}
      foot={
        sent ? null : (
          <Button kind="ghost" size="big" onClick={onBack}>
            {t("forgotten.back")}
          </Button>
        )
      }
    >
      {sent ? null : (
        <Field
          label={t("sign_in.email")}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onText={setEmail}
          error={way.wrong("email") && t("join.email_wrong")}
          className="max-sm:h-11!"
        />
      )}
    </Card>
  );
}
