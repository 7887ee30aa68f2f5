import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Door } from "@/platform";
import { Card } from "./card";
import { NewPassword } from "./join";
import { useWay } from "./use-way";

/** Where the link leads with which a password is set anew. */
export function Reset({ door, token }: { door: Door; token: string }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const way = useWay(
    () => door.reset(token, password),
    () => window.location.assign("/"),
  );
  return (
    <Card
      title={t("reset.title")}
      lead={t("reset.lead")}
      problem={way.problem}
      action={t("reset.go")}
      busy={way.busy}
      onSubmit={() => way.go(undefined)}
    >
      <NewPassword value={password} onText={setPassword} wrong={way.wrong("password")} />
    </Card>
  );
}
