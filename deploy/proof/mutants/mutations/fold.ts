import type { Mutation } from '../mutation.ts'

const file = 'write-side/event-log/fold.ts'
const history = ['write-side/event-log/history.test.ts', 'write-side/handle/changed-history.test.ts'] as const
const rules = ['write-side/event-log/fold.test.ts', 'write-side/event-log/fold-schedules.test.ts'] as const

/** What every reader folds a partition with. */
export const foldMutations: readonly Mutation[] = [
  {
    name: 'fold: a record at another offset is folded',
    file,
    find: 'if (record.offset !== state.offset) {',
    replace: 'if (record.offset < state.offset) {',
    tests: rules,
  },
  {
    name: 'fold: a claim of the same epoch takes over',
    file,
    find: 'return epoch > state.epoch && epoch',
    replace: 'return epoch >= state.epoch && epoch',
    tests: rules,
  },
  {
    name: 'fold: a claim may raise the epoch by anything',
    file,
    find: ' && epoch <= state.epoch + MAX_EPOCH_STEP',
    replace: '',
    tests: rules,
  },
  {
    name: 'fold: a commit of a deposed owner counts',
    file,
    find: "  if (epoch < next.epoch) return voided(next, 'stale_epoch', commit)\n",
    replace: '',
    tests: rules,
  },
  {
    name: 'fold: a fork is a duplicate',
    file,
    find: "  if (seq <= next.seqAtClaim) return alarmed(next, 'fork', commit)\n",
    replace: '',
    tests: rules,
  },
  {
    name: 'fold: a duplicate is a broken chain',
    file,
    find: "  if (seq <= next.seq) return voided(next, 'duplicate', commit)\n",
    replace: '',
    tests: rules,
  },
  {
    name: 'fold: a seq may be left out',
    file,
    find: 'seq !== next.seq + 1 || commit.previousHash',
    replace: 'commit.previousHash',
    tests: rules,
  },
  {
    name: 'fold: the chain is not compared',
    file,
    find: ' || commit.previousHash !== next.hash) return',
    replace: ') return',
    tests: rules,
  },
  {
    name: 'fold: a record of an epoch that nobody claimed is no alarm',
    file,
    find: "if (isUnclaimed(next, epoch)) return alarmed(next, 'epoch_never_claimed', commit)",
    replace: "if (epoch > next.epoch) return voided(next, 'stale_epoch', commit)",
    tests: rules,
  },
  {
    name: 'fold: the seq at a claim is forgotten',
    file,
    find: ', seqAtClaim: next.seq } }',
    replace: ' } }',
    tests: rules,
  },
  {
    name: 'fold: a resume of another past counts',
    file,
    find: 'previousSeq !== next.seq || previousHash !== next.hash || seq <= next.seq',
    replace: 'seq <= next.seq',
    tests: rules,
  },
  {
    name: 'fold: a resume leaves the alarm',
    file,
    find: '...{ alarm: undefined, acceptedDecidedAt',
    replace: '...{ acceptedDecidedAt',
    tests: [...rules, 'write-side/handle/changed-history.test.ts'],
  },
  {
    name: 'fold: a newer generation is read on',
    file,
    find: 'if (eventGeneration <= EVENT_GENERATION) return',
    replace: 'if (eventGeneration > 0) return',
    tests: rules,
  },
  {
    name: 'fold: the last alarm stands, not the first',
    file,
    find: 'const alarm = next.alarm ?? { reason',
    replace: 'const alarm = { reason',
    tests: history,
  },
  {
    name: 'fold: keys age by a jump of the clock',
    file: 'write-side/event-log/fold-state.ts',
    find: 'Math.min(LONGEST_STEP_MS, Math.max(0, Date.parse(to) - Date.parse(from)))',
    replace: 'Math.max(0, Date.parse(to) - Date.parse(from))',
    tests: rules,
  },
  {
    name: 'fold: keys grow younger by a clock that goes back',
    file: 'write-side/event-log/fold-state.ts',
    find: 'Math.max(0, Date.parse(to) - Date.parse(from))',
    replace: 'Date.parse(to) - Date.parse(from)',
    tests: rules,
  },
  {
    name: 'history: a log that ends before what was read is followed',
    file: 'write-side/event-log/history.ts',
    find: 'if (end < offset) {',
    replace: 'if (end < 0n) {',
    tests: history,
  },
  {
    name: 'history: a changed record is followed',
    file: 'write-side/event-log/history.ts',
    find: 'if (nextHash(kept.previousHash, value) !== kept.hash) {',
    replace: 'if (value.byteLength === 0) {',
    tests: history,
  },
  {
    name: 'history: an empty log is a new ledger',
    file: 'write-side/event-log/history.ts',
    find: "if (end === 0n) return new HistoryError('log_empty'",
    replace: "if (end < 0n) return new HistoryError('log_empty'",
    tests: history,
  },
  {
    name: 'history: another claim of the same epoch is followed',
    file: 'write-side/event-log/history.ts',
    find: 'if (claimed?.claimId !== kept.claimId || claimed.epoch !== kept.epoch) {',
    replace: 'if (claimed === undefined) {',
    tests: history,
  },
]
