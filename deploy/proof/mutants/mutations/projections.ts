import type { Mutation } from '../mutation.ts'

const apply = ['projections/follow/apply-batch.int-test.ts', 'projections/follow/follow-partition.int-test.ts'] as const
const replaced = ['projections/versions/replaced.int-test.ts'] as const
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
    find: "      if (version.rows[0]?.state !== 'live' && version.rows[0]?.state !== 'building') replaced(run)\n",
    replace: '      if (!version) replaced(run)\n',
    tests: replaced,
  },
  {
    name: 'projections: the live checkpoints are not locked while versions are switched',
    file: 'projections/versions/rebuild.ts',
    find: 'order by partition for update',
    replace: 'order by partition',
    tests: replaced,
  },
  {
    name: 'projections: the one of a history is not compared with the other at the switch',
    file: 'projections/versions/rebuild.ts',
    find: '    await checkSameHistory(client, { live: live.schema, made: schema, givenUp: [...givenUp.keys()] })\n',
    replace: '',
    tests: switching,
  },
]
