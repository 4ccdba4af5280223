import type { Mutation } from '../mutation.ts'

/** What is built from the log. */
export const projectionMutations: readonly Mutation[] = []
