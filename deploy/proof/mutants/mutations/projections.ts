import type { Mutation } from '../mutation.ts'

const apply = ['projections/follow/apply-batch.int-test.ts', 'projections/follow/follow-partition.int-test.ts'] as const
const history = ['projections/follow/changed-history.int-test.ts'] as const
const replaced = ['projections/versions/replaced.int-test.ts'] as const
const superseded = ['projections/serve/superseded.int-test.ts'] as const
const switching = ['projections/versions/switch.int-test.ts', 'projections/follow/apply-batch.int-test.ts'] as const

/** What is built from the log. */
export const projectionMutations: readonly Mutation[] = [
  {
    name: 'projections: two workers write one checkpoint',
    file: 'projections/follow/checkpoint.ts',
    find: `and log_offset = \${parameter(from)}`,
    replace: `and log_offset <> -1 - \${parameter(from)}`,
    tests: apply,
  },
  {
    name: 'projections: a version that was replaced is followed on',
    file: 'projections/follow/apply-gathered.ts',
    find: "  if (version !== 'live' && version !== 'building') replaced(run)\n",
    replace: '',
    tests: replaced,
  },
  {
    name: 'projections: a version that was replaced is followed on while nothing comes',
    file: 'projections/follow/watch-end.ts',
    find: "      if (state !== 'live' && state !== 'building') replaced(run)\n",
    replace: "      if (state === '') replaced(run)\n",
    tests: replaced,
  },
  {
    name: 'projections: a log that does not lead to the checkpoint is followed',
    file: 'projections/follow/check-history.ts',
    find: "  if (compared.kind === 'stopped') throw compared.error\n",
    replace: "  if (compared.kind === 'stopped') return\n",
    tests: history,
  },
  {
    name: 'projections: what was read before is not compared at a claim',
    file: 'projections/follow/check-history.ts',
    find: "return kind === 'void' || kind === 'claimed'",
    replace: "return kind === 'void'",
    tests: ['projections/follow/check-history.test.ts'],
  },
  {
    name: 'projections: a long run of records that do not count is compared once',
    file: 'projections/follow/check-history.ts',
    find: 'offset - countedAt >= 2n * compared',
    replace: 'offset - countedAt >= 20n * compared',
    tests: ['projections/follow/check-history.test.ts'],
  },
  {
    name: 'projections: evidence in the log is read on over',
    file: 'write-side/event-log/fold-batch.ts',
    find: 'if (folded.state.alarm && record.offset >= acceptedTo) throw',
    replace: 'if (folded.state.alarm && record.offset < acceptedTo) throw',
    tests: history,
  },
  {
    name: 'leases: a holder that does not get on keeps its lease',
    file: 'deploy/runtime/lease.ts',
    find: 'const renewed = mayRenew() ? await',
    replace: 'const renewed = mayRenew ? await',
    tests: ['deploy/runtime/leases.int-test.ts'],
  },
  {
    name: 'leases: who did not renew in time still works under the lease',
    file: 'deploy/runtime/lease.ts',
    find: "another one may have it')\n    lost.abort()\n",
    replace: "another one may have it')\n",
    tests: ['deploy/runtime/leases.int-test.ts'],
  },
  {
    name: 'projections: the live checkpoints are not locked while versions are switched',
    file: 'projections/versions/rebuild.ts',
    find: "givenUp, 'for update')",
    replace: 'givenUp)',
    tests: replaced,
  },
  {
    name: 'projections: all that a new version lacks is left to the moment in which the live one may not move',
    file: 'projections/versions/rebuild.ts',
    find: '  await approach(source, schema, givenUp, signal)\n',
    replace: '',
    tests: replaced,
  },
  {
    name: 'projections: the one of a history is not compared with the other at the switch',
    file: 'projections/versions/rebuild.ts',
    find: '    await checkSameHistory(client, { live, made: schema, givenUp: [...givenUp.keys()] })\n',
    replace: '',
    tests: switching,
  },
  {
    name: 'projections: a version is built anew although another took its place',
    file: 'projections/serve/switch-version.ts',
    find: 'live?.schema === replaced ?',
    replace: 'live !== undefined ?',
    tests: superseded,
  },
  {
    name: 'projections: who waits for another worker to build looks again without a pause',
    file: 'projections/serve/worker.ts',
    find: "if (kind === 'busy') await state.deps.clock.sleep(5_000, signal)",
    replace: "if (kind === 'busy') return",
    tests: superseded,
  },
  {
    name: 'projections: accounts of two tenants are one where their ids are',
    file: 'projections/write/row-key.ts',
    find: '{tenant}',
    replace: '{tenant.slice(0, 0)}',
    tests: ['projections/tenants.test.ts'],
  },
  {
    name: 'read-side: tables of an older version are read',
    file: 'read-side/position/snapshot.ts',
    find: 'version.version >= ',
    replace: '0 < ',
    tests: ['read-side/older-version.int-test.ts'],
  },
]
