import type { Mutation } from './mutation.ts'
import { acrossMutations } from './mutations/across.ts'
import { acrossOwnerMutations } from './mutations/across-owners.ts'
import { callerMutations } from './mutations/callers.ts'
import { foldMutations } from './mutations/fold.ts'
import { historyMutations } from './mutations/history.ts'
import { moneyMutations } from './mutations/money.ts'
import { ownerMutations } from './mutations/owner.ts'
import { projectionMutations } from './mutations/projections.ts'
import { queueMutations } from './mutations/queue.ts'
import { shapeMutations } from './mutations/shapes.ts'
import { stateMutations } from './mutations/state.ts'

/** The bugs that the tests must find. */
export const mutations: readonly Mutation[] = [
  ...foldMutations,
  ...ownerMutations,
  ...queueMutations,
  ...moneyMutations,
  ...stateMutations,
  ...shapeMutations,
  ...projectionMutations,
  ...callerMutations,
  ...acrossMutations,
  ...acrossOwnerMutations,
  ...historyMutations,
]
