import type { QueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { CoreProvider } from "@/data";
import type { Transport } from "@/platform";
import type { makeRouter } from "./router";

/** The whole window over one transport. */
export function App({
  transport,
  cache,
  router,
}: {
  transport: Transport;
  cache: QueryClient;
  router: ReturnType<typeof makeRouter>;
}) {
  return (
    <StrictMode>
      <CoreProvider transport={transport} cache={cache}>
        <RouterProvider router={router} />
      </CoreProvider>
    </StrictMode>
  );
}
