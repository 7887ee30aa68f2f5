import { useMutation } from "@tanstack/react-query";
import type { Problem } from "@/bindings";
import { type ProblemError, problemOf } from "@/platform";

/** One try to get in: what is wrong with it, by field too. */
export function useWay<T>(way: (given: T) => Promise<unknown>, onIn: () => void) {
  const trial = useMutation<unknown, ProblemError, T>({ mutationFn: way, onSuccess: onIn });
  const problem: Problem | undefined = trial.error ? problemOf(trial.error) : undefined;
  return {
    go: trial.mutate,
    // What comes after it is still on its way.
    busy: trial.isPending || trial.isSuccess,
    problem,
    wrong: (field: string) => problem?.fields?.[field],
  };
}
