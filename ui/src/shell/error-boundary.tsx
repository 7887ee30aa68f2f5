import { Component, type ErrorInfo, type ReactNode } from "react";
import { Translation } from "react-i18next";
import { Button, ErrorState } from "@/shared";

interface Props {
  children: ReactNode;
  /** Another value tries again: the place one is in. */
  place: string;
}

/** A place that breaks says so in place; the rest of the window lives on. */
export class ErrorBoundary extends Component<Props, { error: Error | undefined; place: string }> {
  override state = { error: undefined as Error | undefined, place: this.props.place };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: Props, state: { error?: Error; place: string }) {
    return props.place === state.place ? null : { error: undefined, place: props.place };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    reportError(Object.assign(error, { componentStack: info.componentStack }));
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Translation>
        {(t) => (
          <div className="p-6">
            <ErrorState
              title={t("shell.broken")}
              body={<span className="font-mono text-journal">{error.message}</span>}
              action={
                <Button size="row" onClick={() => this.setState({ error: undefined })}>
                  {t("common.try_again")}
                </Button>
              }
            />
          </div>
        )}
      </Translation>
    );
  }
}
