/** By which names the parts of a trace are told; docs/operations.md has this table, and a test compares the two. */
export const spans = {
  request: {
    title: '{method} {route}',
    kind: 'server',
    process: 'gateway, then the service that it asks, then a worker to which another one passes it on',
    parent: 'what the caller says, or none',
    covers: 'from the head of a request to the end of its answer',
  },
  upstream: {
    title: 'ask {service}',
    kind: 'client',
    process: 'gateway',
    parent: 'the request',
    covers:
      'from a place among those that may ask the service until its answer begins; how long the place was waited for',
  },
  queue: {
    title: 'wait in the queue',
    kind: 'internal',
    process: 'write-side',
    parent: 'the request; of a step, the append that its message told of',
    covers: 'until the owner of the partition takes it',
  },
  decide: {
    title: 'decide',
    kind: 'internal',
    process: 'write-side',
    parent: 'as of the queue',
    covers: 'the decisions of the whole batch that it is in',
  },
  append: {
    title: 'append',
    kind: 'producer',
    process: 'write-side',
    parent: 'as of the queue',
    covers: 'until the log has all records of the batch for good',
  },
  project: {
    title: 'project',
    kind: 'consumer',
    process: 'each projection',
    parent: 'the append',
    covers: 'from the fold of the record to the end of its transaction',
  },
  fold: {
    title: 'fold',
    kind: 'internal',
    process: 'each projection',
    parent: 'project',
    covers: 'the fold of the records that were read together with it',
  },
  transaction: {
    title: 'transaction',
    kind: 'client',
    process: 'each projection',
    parent: 'project',
    covers: 'the transaction that writes rows and checkpoint',
  },
  batch: {
    title: 'project a batch',
    kind: 'internal',
    process: 'each projection',
    parent: 'none: a trace of its own, with a link to each `project` of the batch',
    covers: 'the transaction; how many records and commits it has',
  },
  event: {
    title: 'tell a change',
    kind: 'producer',
    process: 'accounts',
    parent: 'project',
    covers: 'from when a live stream has the event until its client’s connection takes it',
  },
} as const satisfies Record<string, SpanRow>

export type SpanName = keyof typeof spans

type SpanRow = {
  readonly title: string
  readonly kind: 'server' | 'client' | 'internal' | 'producer' | 'consumer'
  readonly process: string
  readonly parent: string
  readonly covers: string
}
