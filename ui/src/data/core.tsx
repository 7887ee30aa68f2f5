import {
  keepPreviousData,
  QueryClient,
  QueryClientProvider,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
} from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import type { Act, ActAnswers, Applied, Mutation, Query, QueryAnswers } from "@/bindings";
import type { ProblemError, Transport, Watch } from "@/platform";
import { newId } from "./ids";

export type QueryOf<T extends Query["type"]> = Extract<Query, { type: T }>;
export type ActOf<T extends Act["type"]> = Extract<Act, { type: T }>;

const Core = createContext<Transport | undefined>(undefined);

/** The transport; components rather use the hooks below. */
export function useCore(): Transport {
  const core = useContext(Core);
  if (!core) throw new Error("CoreProvider is missing");
  return core;
}

/** Queries are keyed by their JSON; what the core says it changed is read again (see events.ts). */
export function makeCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        retry: (tries, error) => tries < 2 && (error as ProblemError).problem?.retryable === true,
        retryDelay: (tries) => 400 * 2 ** tries,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

export function CoreProvider({
  transport,
  cache,
  children,
}: {
  transport: Transport;
  cache: QueryClient;
  children: ReactNode;
}) {
  return (
    <Core value={transport}>
      <QueryClientProvider client={cache}>{children}</QueryClientProvider>
    </Core>
  );
}

/** The key of a query in the cache. */
export function keyOf(query: Query): readonly ["core", Query["type"], Query] {
  return ["core", query.type, query];
}

interface Options {
  enabled?: boolean;
  /** Ask again after so many milliseconds: for what changes with the clock alone. */
  every?: number;
  /** Keep showing the last answer while another query is asked: search as you type. */
  keep?: boolean;
}

/** Reads, and reads again when what it shows has changed. */
export function useAnswer<T extends Query["type"]>(
  query: QueryOf<T>,
  { enabled = true, every, keep }: Options = {},
): UseQueryResult<QueryAnswers[T], ProblemError> {
  const core = useCore();
  return useQuery<QueryAnswers[T], ProblemError>({
    queryKey: keyOf(query),
    queryFn: async () => (await core.query(query)) as QueryAnswers[T],
    enabled,
    ...(every ? { refetchInterval: every } : {}),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Reads several of one kind; those that are there, in order. */
export function useAnswers<T extends Query["type"]>(
  queries: readonly QueryOf<T>[],
): QueryAnswers[T][] {
  const core = useCore();
  return useQueries({
    queries: queries.map((query) => ({
      queryKey: keyOf(query),
      queryFn: async () => (await core.query(query)) as QueryAnswers[T],
    })),
    combine: (results) =>
      results.flatMap(({ data }) => (data === undefined ? [] : [data as QueryAnswers[T]])),
  });
}

/** Reads page after page of a query that has a cursor. */
export function usePages<T extends "queue" | "runs" | "history">(
  query: QueryOf<T>,
  { keep }: Pick<Options, "keep"> = {},
) {
  const core = useCore();
  return useInfiniteQuery<
    QueryAnswers[T],
    ProblemError,
    { pages: QueryAnswers[T][] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: [...keyOf(query), "pages"],
    queryFn: async ({ pageParam }) =>
      (await core.query(pageParam ? { ...query, cursor: pageParam } : query)) as QueryAnswers[T],
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

export interface Change {
  mutation: Mutation;
  /** Act as this person. */
  acting?: string;
  /** The call's own id, for who may repeat it; a new one when absent. */
  id?: string;
}

/** Applies changes. Each call has an id of its own, so that it applies at most once. */
export function useChange() {
  const core = useCore();
  return useMutation<Applied, ProblemError, Change>({
    mutationFn: ({ mutation, acting, id }) =>
      core.mutate({ id: id ?? newId(), mutation, ...(acting ? { acting } : {}) }),
  });
}

/** Runs one kind of act. */
export function useAct<T extends Act["type"]>() {
  const core = useCore();
  return useMutation<ActAnswers[T], ProblemError, { act: ActOf<T>; watch?: Watch }>({
    mutationFn: async ({ act, watch }) => (await core.act(act, watch)) as ActAnswers[T],
  });
}
